/** A WebSocket client and server, both Bun's, on an HTTP port. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { SHARED } from "../../../examples/lab/namespaces.ts";
import { curl, statusLines } from "./curl.ts";
import { run, serve } from "./software.ts";
import { Worlds } from "./worlds.ts";

const PORT = 8080;
const SERVER = `198.18.0.2:${PORT}`;
const HERE = join(SHARED, "test/e2e/software");
const BUN = [join(SHARED, "node_modules/.bin/bun"), "run"];
const WELCOME = "text welcome";

let worlds: Worlds;
beforeAll(async () => {
  worlds = await Worlds.open("websocket", ["client", "server"], [PORT]);
  const command = [...BUN, join(HERE, "websocket-server.ts"), String(PORT)];
  await Promise.all(worlds.both.map(({ pods }) => serve(pods.server!, command, [PORT])));
});
afterAll(() => worlds.close());

/** Everything that a client that says this gets, at this path of the server. */
async function talk(path: string, ...script: readonly string[]): Promise<string[]> {
  const command = [...BUN, join(HERE, "websocket-client.ts"), `ws://${SERVER}/${path}`, ...script];
  const output = await worlds.same(({ pods }) => run(pods.client!, ...command));
  return output.trimEnd().split("\n");
}

const SHORT: [label: string, script: string[], lines: string[]][] = [
  ["text", ["text:hello"], ["text hello"]],
  ["text that looks like a request", ["text:GET / HTTP/1.1"], ["text GET / HTTP/1.1"]],
  ["an empty text", ["text:"], ["text "]],
  ["a ping", ["ping"], ["pong"]],
  ["several in turn", ["text:1", "ping", "text:2", "text:3"], ["text 1", "pong", "text 2", "text 3"]],
];

test.each(SHORT)("%s comes back", async (_, script, lines) => {
  expect(await talk("talk", ...script, "close:1000:")).toEqual([WELCOME, ...lines, "close 1000  true"]);
});

test.each([1, 125, 126, 65_535, 65_536, 3_000_000])("%d bytes of data come back", async (size) => {
  const [, line] = await talk("talk", `binary:${size}`, "close:1000:");
  expect(line).toStartWith(`binary of ${size} bytes`);
});

test("a megabyte of text comes back", async () => {
  const [, line] = await talk("talk", "text:500000x", "close:1000:");
  expect(line).toStartWith("text of 1000000 bytes");
});

test.each([
  ["the server", "text:close 4001 enough"],
  ["the client", "close:4001:enough"],
])("%s's close code and reason arrive", async (_, last) => {
  expect(await talk("talk", last)).toEqual([WELCOME, "close 4001 enough true"]);
});

test("an upgrade is one span with status 101 on each side, and what follows is not read", async () => {
  await talk("upgrade", "text:GET / HTTP/1.1", "close:1000:");
  const spans = await worlds.agent.spans(2, "upgrade");
  expect(spans.map(({ service, tags }) => `${service} ${tags["http.status_code"]}`).sort()).toEqual([
    "client 101",
    "server 101",
  ]);
  expect(worlds.whyUnread(PORT)).toEqual({ client: ["upgrade"], server: ["upgrade"] });
});

test("a refused upgrade is refused", async () => {
  const [line] = await talk("refused");
  expect(line).toBe("error");
  const spans = await worlds.agent.spans(2, "refused");
  expect(spans.map(({ tags }) => Number(tags["http.status_code"]))).toEqual([403, 403]);
});

const UPGRADE = ["-H", "Connection: Upgrade", "-H", "Upgrade: websocket"];

test.each([
  ["nobody asked for an upgrade", [], "talk", "426 Upgrade Required"],
  ["an upgrade was refused", UPGRADE, "refused", "403 Forbidden"],
])("where %s the connection goes on", async (_, args, path, status) => {
  const url = `http://${SERVER}/${path}`;
  const all = ["-i", "-w", "%{num_connects}\\n", ...args, url, url];
  const output = await worlds.same((world) => curl(world, ...all));
  expect(statusLines(output)).toEqual(Array(2).fill(`HTTP/1.1 ${status}`));
  expect(output).toEndWith("\n0\n");
});
