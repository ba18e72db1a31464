/** What curl gets from nginx: heads and bodies, byte for byte, on connections that stay or end as without the mesh. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { curl, sha256, statusLines } from "./curl.ts";
import { HTTP, LONG, SITE_PORTS, startSite } from "./site.ts";
import { Worlds } from "./worlds.ts";

let worlds: Worlds;
beforeAll(async () => {
  worlds = await Worlds.open("download", ["client", "server"], SITE_PORTS);
  await Promise.all(worlds.both.map(startSite));
});
afterAll(() => worlds.close());

const SITE = `http://198.18.0.2:${HTTP}`;
const SINCE = "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT";
const OK = "HTTP/1.1 200 OK";

const ROWS: [label: string, args: string[], expected: string[]][] = [
  ["a small file", [`${SITE}/hello.txt`], [OK]],
  ["a small file, over IPv6", [`http://[fd00::2]:${HTTP}/hello.txt`], [OK]],
  ["a file that is not there", [`${SITE}/nothing`], ["HTTP/1.1 404 Not Found"]],
  ["a head without a body: HEAD", ["--head", `${SITE}/text.txt`], [OK]],
  [
    "HEAD, then GET on the same connection",
    ["-I", `${SITE}/text.txt`, "--next", "-si", `${SITE}/hello.txt`],
    [OK, OK],
  ],
  ["a range", ["-r", "5-9", `${SITE}/hello.txt`], ["HTTP/1.1 206 Partial Content"]],
  ["the last bytes", ["-r", "-4", `${SITE}/hello.txt`], ["HTTP/1.1 206 Partial Content"]],
  ["two ranges", ["-r", "0-3,8-9", `${SITE}/text.txt`], ["HTTP/1.1 206 Partial Content"]],
  ["a range outside", ["-r", "99-", `${SITE}/hello.txt`], ["HTTP/1.1 416 Requested Range Not Satisfiable"]],
  ["204", [`${SITE}/empty`, `${SITE}/empty`], ["HTTP/1.1 204 No Content", "HTTP/1.1 204 No Content"]],
  [
    "304 of a file with a length",
    ["-H", SINCE, `${SITE}/text.txt`, `${SITE}/hello.txt`],
    ["HTTP/1.1 304 Not Modified", "HTTP/1.1 304 Not Modified"],
  ],
  ["a redirect that it follows", ["-L", `${SITE}/moved`], ["HTTP/1.1 301 Moved Permanently", OK]],
  ["chunks, as they are on the wire", ["--raw", `${SITE}/chunked/text.txt`], [OK]],
  ["chunks and more after them", [`${SITE}/chunked/text.txt`, `${SITE}/hello.txt`], [OK, OK]],
  ["gzip that it unpacks", ["--compressed", `${SITE}/gzip/text.txt`], [OK]],
  ["a head of 10 KB", [`${SITE}/long`], [OK]],
  ["what it said in a head of 10 KB", ["-H", `X-Long: ${LONG}`, `${SITE}/echo`], [OK]],
  ["HTTP/1.0", ["--http1.0", `${SITE}/hello.txt`, `${SITE}/turn`], [OK, OK]],
  [
    "HTTP/1.0 that keeps the connection",
    ["--http1.0", "-H", "Connection: keep-alive", `${SITE}/turn`, `${SITE}/turn`],
    [OK, OK],
  ],
  ["HTTP/1.0 without lengths", ["--http1.0", `${SITE}/chunked/text.txt`], [OK]],
  ["Connection: close from the server", [`${SITE}/close`, `${SITE}/turn`], [OK, OK]],
  [
    "Connection: close from the client",
    ["-H", "Connection: close", `${SITE}/turn`, `${SITE}/turn`],
    [OK, OK],
  ],
  [
    "a target with everything a target may hold",
    [`${SITE}/echo?a=b&c=%20%C3%A9;d[]=~*'()!$,@:/?`, "--globoff"],
    [OK],
  ],
];

test.each(ROWS)("curl gets %s", async (_, args, expected) => {
  const output = await worlds.same((world) => curl(world, "-i", ...args));
  expect(statusLines(output)).toEqual(expected);
  expect(worlds.whyUnread(HTTP)).toEqual({ client: [], server: [] });
});

test("gzip arrives packed as nginx packed it", async () => {
  const sum = await worlds.same(async (world) => {
    const file = join(world.dir, "packed");
    await curl(world, "-H", "Accept-Encoding: gzip", "-o", file, `${SITE}/gzip/text.txt`);
    expect((await Bun.file(file).bytes()).subarray(0, 2)).toEqual(Uint8Array.of(0x1f, 0x8b));
    return sha256(file);
  });
  expect(sum).toHaveLength(64);
});

test.each(["/big.bin", "/chunked/big.bin", "/gzip/big.bin"])("20 MB arrive whole: %s", async (path) => {
  await worlds.same(async (world) => {
    const file = join(world.dir, "got.bin");
    await curl(world, "--compressed", "-o", file, SITE + path);
    expect(await sha256(file)).toBe(await sha256(join(world.dir, "site/big.bin")));
  });
});

test("an interrupted download goes on where it stopped", async () => {
  await worlds.same(async (world) => {
    const file = join(world.dir, "resumed.bin");
    await curl(world, "-o", file, "-r", "0-9999999", `${SITE}/big.bin`);
    await curl(world, "-o", file, "-C", "-", `${SITE}/big.bin`);
    expect(await sha256(file)).toBe(await sha256(join(world.dir, "site/big.bin")));
  });
});

test("20 URLs in a row use one connection, all along", async () => {
  const urls = Array.from({ length: 20 }, () => `${SITE}/turn`);
  const output = await worlds.same((world) => curl(world, "-w", "%{num_connects} ", ...urls));
  const turns = urls.map((_, i) => `${i + 1}\n${i === 0 ? 1 : 0} `);
  expect(output).toBe(turns.join(""));
});

test("30 URLs at once arrive, each whole", async () => {
  await worlds.same(async (world) => {
    const files = Array.from({ length: 30 }, (_, i) => join(world.dir, `parallel-${i}`));
    const wanted = files.flatMap((file) => ["-o", file, `${SITE}/text.txt`]);
    await curl(world, "--parallel", "--parallel-immediate", ...wanted);
    const sums = new Set(await Promise.all(files.map(sha256)));
    expect([...sums]).toEqual([await sha256(join(world.dir, "site/text.txt"))]);
  });
});

test("a connection that carries several requests has a span for each, on both sides", async () => {
  const ids = ["span-1", "span-2", "span-3"];
  const paths = ["/hello.txt", "/nothing", "/empty"];
  const requests = ids.flatMap((id, i) => ["--next", "-si", "-H", `X-Request-Id: ${id}`, SITE + paths[i]]);
  await curl(worlds.meshed, ...requests.slice(1));
  const spans = await worlds.agent.spans(6, ...ids);
  for (const service of ["client", "server"]) {
    const own = spans.filter((span) => span.service === service);
    const seen = own.map(({ tags }) => [tags["http.request_id"], Number(tags["http.status_code"])]);
    expect(seen).toEqual([200, 404, 204].map((status, i) => [ids[i], status]));
  }
});
