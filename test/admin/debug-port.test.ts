import { beforeEach, describe, expect, test } from "bun:test";
import { type DebugPortOptions, debugPort } from "../../src/admin/debug-port.ts";
import type { Handler } from "../../src/admin/http/connection.ts";
import { describeConfig } from "../../src/config/describe.ts";
import { Drain } from "../../src/drain.ts";
import { createLog } from "../../src/log.ts";
import { ask } from "./asked.ts";

let written = "";
let nowMs = 0;
let handler: Handler;
let options: DebugPortOptions;

beforeEach(() => {
  written = "";
  nowMs = 0;
  const log = createLog({
    level: "info",
    sink: { write: (bytes) => (written += Buffer.from(bytes)), flush: () => 0 },
  });
  options = {
    log,
    drain: new Drain({ graceMs: 5000, timeoutMs: 25_000, open: () => 2, now: () => nowMs }),
    open: () => 2,
    workers: null,
    connections: { open: () => 2, all: () => [], nowMs: () => nowMs },
    variables: () => ({ NETRA_PORT: "1", JAEGER_PASSWORD: "secret" }),
  };
  handler = debugPort(options);
});

/** A second event loop has one connection. */
function withWorkers(): Handler {
  const connections = () => Promise.resolve(["worker 2: 1 open connections"]);
  return debugPort({ ...options, workers: { connections, restart: (number) => number === 2 } });
}

test("/config is one line for each variable, as it is set or by default, without secrets", async () => {
  const lines = Object.entries(describeConfig(options.variables())).map(
    ([name, value]) => `${name}=${value}\n`,
  );
  expect(lines).toContain("NETRA_PORT=1\n");
  expect(lines).toContain("JAEGER_PASSWORD=***\n");
  expect(lines).toContain("NETRA_ACCESS_LOG=off\n");
  expect(await ask(handler, "/config")).toMatchObject({ status: 200, body: lines.join("") });
});

describe("/log-level", () => {
  test("says the level, and sets it", async () => {
    expect(await ask(handler, "/log-level")).toMatchObject({ status: 200, body: "info\n" });
    expect(await ask(handler, "/log-level", { method: "PUT", body: "Debug\n" })).toMatchObject({
      body: "debug\n",
    });
    expect(await ask(handler, "/log-level")).toMatchObject({ status: 200, body: "debug\n" });
    expect(written).toContain("the log level is debug, was info: 127.0.0.1 asked for it");
  });

  test.each(["", "loud", "debug info"])("refuses %j and says what would be right", async (body) => {
    const answer = await ask(handler, "/log-level", { method: "PUT", body });
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("debug, info, warning") });
    expect(await ask(handler, "/log-level")).toMatchObject({ body: "info\n" });
  });
});

test("/drain begins once, and says how far it is", async () => {
  const says = (state: string) => ({ status: 200, body: `draining: ${state}\nopen connections: 2\n` });
  expect(await ask(handler, "/drain")).toMatchObject(says("no"));
  expect(await ask(handler, "/drain", { method: "POST" })).toMatchObject(says("yes"));
  nowMs = 24_999;
  expect(await ask(handler, "/drain", { method: "POST" })).toMatchObject(says("yes"));
  nowMs = 25_000;
  expect(await ask(handler, "/drain")).toMatchObject(says("over"));
  expect(written.match(/draining/g)).toHaveLength(1);
});

describe("what a browser asks by a name, which anybody can point at loopback,", () => {
  const FOREIGN = "rebound.example:14957";

  test.each(["/config", "/debug/pprof/heap", "/debug/pprof/", "/nothing"])("is refused: %s", async (path) => {
    expect(await ask(handler, path, { host: FOREIGN })).toMatchObject({ status: 403 });
  });

  test.each(["", "localhost", "LOCALHOST:14957", "127.0.0.1:1", "[::1]:14957", "10.0.0.9"])(
    "is not what asks for the host %j",
    async (host) => {
      expect(await ask(handler, "/config", { host })).toMatchObject({ status: 200 });
    },
  );

  test("does not matter to whoever was let in from elsewhere", async () => {
    expect(await ask(handler, "/config", { host: FOREIGN, ip: "10.0.0.1" })).toMatchObject({ status: 200 });
  });
});

describe("/workers/restart", () => {
  const post = (target: string) => ask(withWorkers(), target, { method: "POST" });

  test.each([
    ["?worker=2", 200, "restarted\n"],
    ["?worker=3", 404, "worker 3 is not running\n"],
    ["?worker=1", 400, "worker has to be a whole number from 2 to 64\n"],
    ["", 400, "worker has to be a whole number from 2 to 64\n"],
  ])("%s is answered with %d", async (query, status, body) => {
    expect(await post(`/workers/restart${query}`)).toMatchObject({ status, body });
  });

  test("is not there with one event loop", async () => {
    expect(await ask(handler, "/workers/restart", { method: "POST" })).toMatchObject({ status: 405 });
  });
});

test("the connections of other event loops follow those of the first", async () => {
  const { body } = await ask(withWorkers(), "/debug/pprof/connections");
  expect(body).toMatch(/^2 open connections\n(.*\n)+\nworker 2: 1 open connections\n$/);
});

describe("a change", () => {
  const changes: [string, string][] = [
    ["PUT", "/log-level"],
    ["POST", "/drain"],
  ];
  test.each(changes)("%s %s is refused from afar, reading is not", async (method, path) => {
    const before = await ask(handler, path);
    expect(await ask(handler, path, { method, body: "debug", ip: "10.0.0.1" })).toMatchObject({
      status: 403,
    });
    expect(await ask(handler, path, { ip: "10.0.0.1" })).toEqual(before);
  });

  test.each(changes)("%s %s is refused to a web page", async (method, path) => {
    const before = await ask(handler, path);
    expect(await ask(handler, path, { method, body: "debug", isFromWebPage: true })).toMatchObject({
      status: 403,
    });
    expect(await ask(handler, path)).toEqual(before);
  });

  test.each([
    ["DELETE", "/log-level", "GET, HEAD, PUT"],
    ["PUT", "/drain", "GET, HEAD, POST"],
    ["POST", "/config", "GET, HEAD"],
    ["POST", "/nothing", "GET, HEAD"],
  ])("%s %s does not exist", async (method, path, allow) => {
    expect(await ask(handler, path, { method })).toMatchObject({ status: 405, allow });
  });
});

test("any other path is 404 and says what there is", async () => {
  for (const path of ["/", "/metrics", "/debug/pprof/nothing", "/constructor"]) {
    const answer = await ask(handler, path);
    expect(answer).toMatchObject({ status: 404, body: expect.stringContaining("/debug/pprof/profile") });
  }
});
