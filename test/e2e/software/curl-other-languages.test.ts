/** HTTP/2 and TLS on ports that the sidecars take for HTTP/1: they pass unread. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { certificate, HOST } from "./certificate.ts";
import { curl, sha256, statusLines } from "./curl.ts";
import { H2C, HTTP, HTTPS, SITE_PORTS, startSite } from "./site.ts";
import { type World, Worlds } from "./worlds.ts";

let worlds: Worlds;
beforeAll(async () => {
  worlds = await Worlds.open("languages", ["client", "server"], SITE_PORTS);
  await Promise.all(worlds.both.map(startSite));
});
afterAll(() => worlds.close());

/** How curl is told the language, where the site speaks it, and what the sidecars make of it. */
const LANGUAGES: [label: string, version: string, args: string[], url: string, unread: string][] = [
  ["HTTP/2 with prior knowledge", "HTTP/2", ["--http2-prior-knowledge"], `http://${HOST}:${H2C}`, "h2"],
  ["HTTP/1.1 over TLS", "HTTP/1.1", ["--http1.1"], `https://${HOST}:${HTTPS}`, "tls"],
  ["HTTP/2 over TLS", "HTTP/2", ["--http2"], `https://${HOST}:${HTTPS}`, "tls"],
  ["TLS 1.2", "HTTP/1.1", ["--tls-max", "1.2", "--http1.1"], `https://${HOST}:${HTTPS}`, "tls"],
];

function ask(world: World, ...args: string[]): Promise<string> {
  const where = ["--connect-to", `${HOST}::198.18.0.2:`, "--cacert", certificate(world).cert];
  return curl(world, ...where, ...args);
}

test.each(LANGUAGES)("%s: small, large and missing files arrive", async (_, version, args, url, unread) => {
  const output = await worlds.same(async (world) => {
    const file = join(world.dir, "got.bin");
    await ask(world, ...args, "-o", file, `${url}/big.bin`);
    expect(await sha256(file)).toBe(await sha256(join(world.dir, "site/big.bin")));
    return (
      (await ask(world, ...args, "-i", `${url}/hello.txt`)) + (await ask(world, ...args, "-i", `${url}/no`))
    );
  });
  expect(statusLines(output)[0]).toStartWith(`${version} 200`);
  expect(statusLines(output)[1]).toStartWith(`${version} 404`);
  expect(worlds.whyUnread(Number(new URL(url).port))).toEqual({ client: [unread], server: [unread] });
});

/**
 * Not HTTP/2 with prior knowledge, which curl 7.88 gets wrong by itself: it breaks the second request on a connection,
 * and on a busy machine the body of an upload.
 */
const ROBUST = LANGUAGES.slice(1);

test.each(ROBUST)("%s: several requests share a connection", async (_, _version, args, url) => {
  const turns = Array.from({ length: 5 }, () => `${url}/turn`);
  expect(await worlds.same((world) => ask(world, ...args, ...turns))).toBe("1\n2\n3\n4\n5\n");
});

test.each(ROBUST)("%s: 20 MB are uploaded", async (label, version, args, url) => {
  await worlds.same(async (world) => {
    const name = label.replaceAll(/\W/g, "-");
    const original = join(world.dir, "site/big.bin");
    const said = await ask(world, ...args, "-i", "-T", original, `${url}/upload/${name}`);
    expect(statusLines(said).at(-1)).toStartWith(`${version} 201`);
    expect(await sha256(join(world.dir, "site/upload", name))).toBe(await sha256(original));
    return said;
  });
});

test("an upgrade to HTTP/2 that the server does not know is refused, and HTTP/1.1 goes on", async () => {
  const url = `http://${HOST}:${HTTP}/turn`;
  const output = await worlds.same((world) => ask(world, "--http2", "-i", url, url));
  expect(statusLines(output)).toEqual(["HTTP/1.1 200 OK", "HTTP/1.1 200 OK"]);
  expect(output).toEndWith("2\n");
  expect(worlds.whyUnread(HTTP)).toEqual({ client: [], server: [] });
});
