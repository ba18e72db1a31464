/** The same sources make the same image, wherever, whenever and by whomever it is built. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { Archive } from "./archive.ts";

setDefaultTimeout(60_000);

const TOP = join(import.meta.dir, "..", "..");
/** What is not copied: it is large, and the same. */
const SHARED = new Set([".git", "dist", "node_modules"]);

let copy: string;
beforeAll(async () => {
  // On the same file system, so that files can be shared by hard links.
  copy = mkdtempSync(join(TOP, "dist", "copy-"));
  for (const name of readdirSync(TOP)) {
    if (!SHARED.has(name)) cpSync(join(TOP, name), join(copy, name), { recursive: true });
  }
  if (existsSync(join(TOP, ".git"))) symlinkSync(join(TOP, ".git"), join(copy, ".git"));
  await $`mkdir ${join(copy, "dist")} && cp -al ${join(TOP, "dist/downloads")} ${join(copy, "dist")}`;
  await $`cp -al ${join(TOP, "node_modules")} ${copy}`;
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test("in another directory, at another time, with another umask, time zone and locale", async () => {
  await $`sh -c ${'umask 077 && exec "$@"'} sh ${process.execPath} ${join(copy, "scripts/image.ts")} amd64`
    .env({ ...process.env, TZ: "Pacific/Kiritimati", LC_ALL: "C" })
    .quiet();
  expect(await identity(copy)).toEqual(await identity(TOP));
});

/** The commit that the image for amd64 names, and the digest of its manifest. */
async function identity(top: string): Promise<readonly (string | undefined)[]> {
  const archive = await Archive.open(
    join(top, "dist/netramesh.oci.tar"),
    join(copy, `archive-of-${top.length}`),
  );
  const { config, digest } = (await archive.images()).get("amd64")!;
  return [config.config.Labels["org.opencontainers.image.revision"], digest];
}
