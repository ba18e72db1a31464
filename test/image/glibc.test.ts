import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ARCHITECTURES } from "../../scripts/image/architectures.ts";
import pin from "../../scripts/image/glibc.json" with { type: "json" };
import { fetchGlibc } from "../../scripts/image/glibc.ts";

setDefaultTimeout(30_000);

const DOWNLOADS = join(import.meta.dir, "..", "..", "dist", "downloads");
const [AMD64] = ARCHITECTURES;

let folder: string;
let asked: string[];
let archive: Bun.Server<undefined>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "netramesh-glibc-"));
  asked = [];
  archive = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ url }) {
      const pathname = decodeURIComponent(new URL(url).pathname);
      asked.push(pathname);
      if (pathname.startsWith("/good/"))
        return new Response(Bun.file(join(DOWNLOADS, pathname.split("/").at(-1)!)));
      return pathname.startsWith("/other/") ? new Response("other bytes") : new Response("", { status: 404 });
    },
  });
});
afterAll(() => {
  archive.stop(true);
  rmSync(folder, { recursive: true });
});

test("a package that the archive no longer has: the error says how to go on", async () => {
  const error = await failure("gone");
  expect(error).toContain(`libc6 ${pin.version} for amd64 is nowhere to be had`);
  expect(error).toMatch(/gone\/: .*404/);
  expect(error).toContain("bun run pin-glibc");
  expect(error).toContain("DEBIAN_ARCHIVE");
});

test("a package with other bytes is not taken", async () => {
  expect(await failure("other")).toMatch(/other\/: .*[Hh]ash/);
  expect(readdirSync(folder).filter((name) => name.endsWith(".deb"))).toEqual([]);
});

test("the right one is fetched once and unpacked", async () => {
  for (let i = 0; i < 2; i++) {
    const content = await fetchGlibc(AMD64!, folder, `http://127.0.0.1:${archive.port}/good`);
    expect(existsSync(join(content, "lib/x86_64-linux-gnu/libc.so.6"))).toBe(true);
  }
  expect(asked.filter((path) => path.startsWith("/good/"))).toHaveLength(1);
});

function failure(path: string): Promise<string> {
  return fetchGlibc(AMD64!, folder, `http://127.0.0.1:${archive.port}/${path}`).then(
    () => "it was fetched",
    (error: Error) => error.message,
  );
}
