/** What nginx gets from curl, and which responses come in between. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { curl, sha256, statusLines } from "./curl.ts";
import { HTTP, SITE_PORTS, startSite } from "./site.ts";
import { type World, Worlds } from "./worlds.ts";

let worlds: Worlds;
beforeAll(async () => {
  worlds = await Worlds.open("upload", ["client", "server"], SITE_PORTS);
  await Promise.all(worlds.both.map(startSite));
});
afterAll(() => worlds.close());

const UPLOAD = `http://198.18.0.2:${HTTP}/upload/`;
const CREATED = "HTTP/1.1 201 Created";
const CONTINUE = "HTTP/1.1 100 Continue";
const CHUNKED = ["-H", "Transfer-Encoding: chunked"];
const AT_ONCE = ["-H", "Expect:"];
const ASK = ["-H", "Expect: 100-continue"];

const ROWS: [label: string, file: string, args: string[], expected: string[]][] = [
  ["a small file", "hello.txt", AT_ONCE, [CREATED]],
  ["a small file in chunks", "hello.txt", [...CHUNKED, ...AT_ONCE], [CREATED]],
  ["a small file that waits for 100", "hello.txt", ASK, [CONTINUE, CREATED]],
  ["a small file in chunks that waits for 100", "hello.txt", [...ASK, ...CHUNKED], [CONTINUE, CREATED]],
  ["20 MB that wait for 100", "big.bin", [], [CONTINUE, CREATED]],
  ["20 MB at once", "big.bin", AT_ONCE, [CREATED]],
  ["20 MB in chunks", "big.bin", [...CHUNKED, ...AT_ONCE], [CREATED]],
  ["20 MB in chunks that wait for 100", "big.bin", CHUNKED, [CONTINUE, CREATED]],
];

test.each(ROWS)(
  "curl uploads %s, and then asks on the same connection",
  async (label, file, args, expected) => {
    const name = label.replaceAll(" ", "-");
    const output = await worlds.same(async (world) => {
      const original = join(world.dir, "site", file);
      const twice = ["--next", "-sS", "-w", "%{num_connects}", `http://198.18.0.2:${HTTP}/turn`];
      const said = await curl(world, "-i", ...args, "-T", original, UPLOAD + name, ...twice);
      expect(await sha256(join(world.dir, "site/upload", name))).toBe(await sha256(original));
      return said;
    });
    expect(statusLines(output)).toEqual(expected);
    expect(output).toEndWith("2\n0");
    expect(worlds.whyUnread(HTTP)).toEqual({ client: [], server: [] });
  },
);

test("20 MB go both ways at once", async () => {
  await worlds.same(async (world) => {
    const original = join(world.dir, "site/big.bin");
    const back = join(world.dir, "back.bin");
    const up = curl(world, "-i", "-T", original, `${UPLOAD}both`);
    await Promise.all([up, curl(world, "-o", back, `http://198.18.0.2:${HTTP}/big.bin`)]);
    const sums = await Promise.all([original, back, join(world.dir, "site/upload/both")].map(sha256));
    expect(new Set(sums).size).toBe(1);
  });
});

/** A body that the server does not want: it answers before it has read it. */
const REFUSED: [label: string, args: string[], expected: string[]][] = [
  ["and has not been sent, because it waits", ASK, ["HTTP/1.1 413 Request Entity Too Large"]],
  ["although it is on its way", AT_ONCE, ["HTTP/1.1 413 Request Entity Too Large"]],
];

test.each(REFUSED)("the answer to a body that is too large arrives %s", async (_, args, expected) => {
  const refuse = (world: World) => {
    const body = ["-T", join(world.dir, "site/big.bin")];
    return curl(world, "-i", ...args, ...body, `http://198.18.0.2:${HTTP}/small/`);
  };
  expect(statusLines(await worlds.same(refuse))).toEqual(expected);
});

test("a form is posted, and a file in parts", async () => {
  const output = await worlds.same((world) => {
    const form = ["-d", "a=1&b=%20", `http://198.18.0.2:${HTTP}/hello.txt`];
    const parts = ["-F", `file=@${join(world.dir, "site/text.txt")}`, `http://198.18.0.2:${HTTP}/hello.txt`];
    return curl(world, "-i", ...form, "--next", "-si", ...parts);
  });
  expect(statusLines(output)).toEqual(Array(2).fill("HTTP/1.1 405 Not Allowed"));
});
