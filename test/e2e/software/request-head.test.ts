/** What a server sees of curl's requests: with the mesh the same bytes, and the lines that it adds. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Server } from "../wire.ts";
import { curl } from "./curl.ts";
import { LONG } from "./site.ts";
import { type World, Worlds } from "./worlds.ts";

const PORT = 8080;
const TARGET = `http://198.18.0.2:${PORT}/path?q=1`;
/** What the last request on each connection ends with; the server answers when it has seen it. */
const END = "\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

let worlds: Worlds;
const recorders = new Map<World, Server>();
beforeAll(async () => {
  worlds = await Worlds.open("head", ["client", "server"], [PORT]);
  for (const world of worlds.both) recorders.set(world, new Server(world.pods.server!, PORT));
});
afterAll(() => {
  for (const recorder of recorders.values()) recorder.close();
  worlds.close();
});

/** curl's request as the server of this world gets it; it is answered once it ends with `end`. */
async function record(world: World, args: readonly string[], end: string): Promise<string> {
  const recorder = recorders.get(world)!;
  const index = recorder.peers.length;
  const finished = curl(world, ...args);
  const peer = await recorder.peer(index);
  await peer.until(({ text }) => text.endsWith(end));
  peer.send(OK).fin();
  await finished;
  return peer.text;
}

const ROWS: [label: string, args: string[], end: string][] = [
  ["GET", [TARGET], END],
  ["HEAD", ["-I", TARGET], END],
  ["GET with many headers", [..."abcdefghij"].flatMap((c) => ["-H", `X-${c}: ${c}`]).concat(TARGET), END],
  ["GET with 10 KB of headers", ["-H", `X-Long: ${LONG}`, TARGET], END],
  ["GET with UTF-8", ["-H", "X-Name: Jürgen 😀", `${TARGET}/é`], END],
  ["GET with an empty header and odd case", ["-H", "x-EMPTY;", "-H", "hOST: a.example", TARGET], END],
  ["GET with a cookie, a user and a range", ["-b", "a=b; c=d", "-u", "me:secret", "-r", "1-2", TARGET], END],
  ["HTTP/1.0", ["-0", TARGET], END],
  ["a form", ["-d", "a=1&b=2", TARGET], "b=2"],
  ["a body that begins like a request", ["-d", "GET / HTTP/1.1\r\n\r\n", TARGET], `1.1${END}`],
  ["a body in chunks", ["-d", "in chunks", "-H", "Transfer-Encoding: chunked", TARGET], `0${END}`],
  ["a method nobody knows", ["-X", "BREW", TARGET], END],
  ["OPTIONS *", ["-X", "OPTIONS", "--request-target", "*", TARGET], END],
  ["an absolute target", ["--request-target", "http://b.example/x", TARGET], END],
  ["an offer of HTTP/2", ["--http2", TARGET], END],
];

const ADDED =
  /X-Request-Id: [0-9a-f-]{36}\r\nX-Source: netra\r\nuber-trace-id: [0-9a-f]{16}(:[0-9a-f]{16}){2}:1\r\n(?=\r\n)/g;

test.each(ROWS)("the server sees %s as curl sent it, and three lines more", async (_, args, end) => {
  const [plain, meshed] = await Promise.all(worlds.both.map((world) => record(world, args, end)));
  expect(meshed!.replaceAll(ADDED, "")).toBe(plain!);
  expect(meshed!.match(ADDED)).toHaveLength(1);
});

test("the server sees a request that already has these lines with no more lines than curl sent", async () => {
  const own = ["X-Request-Id: mine", "X-Source: me", "uber-trace-id: abc:def:0:1"];
  const args = [...own.flatMap((line) => ["-H", line]), TARGET];
  const [plain, meshed] = await Promise.all(worlds.both.map((world) => record(world, args, END)));
  const changed = meshed!
    .replace("X-Source: netra", "X-Source: me")
    .replace(/(?<=uber-trace-id: )0{13}abc:[0-9a-f]{16}:[0-9a-f]{16}:1/, "abc:def:0:1");
  expect(changed).toBe(plain!);
});
