/** curl, an nginx that proxies, and an nginx behind it, each in a pod with a sidecar. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { AgentSpan } from "../agent.ts";
import { curl, sha256, statusLines } from "./curl.ts";
import { startNginx } from "./nginx.ts";
import { HTTP, SITE_PORTS, startSite } from "./site.ts";
import { type World, Worlds } from "./worlds.ts";

const FRONT = `http://198.18.0.2:${HTTP}`;
const BACK = `198.18.0.3:${HTTP}`;

let worlds: Worlds;
beforeAll(async () => {
  worlds = await Worlds.open("chain", ["client", "front", "server"], SITE_PORTS);
  await Promise.all(worlds.both.map(start));
});
afterAll(() => worlds.close());

async function start(world: World): Promise<void> {
  await startSite(world);
  await startNginx(world, world.pods.front!, FRONT_CONFIGURATION, [HTTP]);
}

/** Two ways to the same server, which share its idle connections. */
const FRONT_CONFIGURATION = `
  client_max_body_size 64m;
  upstream back { server ${BACK}; keepalive 1; }
  server {
    listen ${HTTP};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    location /stored/ { proxy_pass http://back/; }
    location /streamed/ { proxy_pass http://back/; proxy_buffering off; proxy_request_buffering off; }
  }`;

describe.each(["stored", "streamed"])("through an nginx by which bodies are %s", (way) => {
  const url = `${FRONT}/${way}`;

  test.each([
    ["a file", ["hello.txt"], [], 200],
    ["HEAD", ["text.txt"], ["-I"], 200],
    ["a range", ["text.txt"], ["-r", "100-199"], 206],
    ["chunks", ["chunked/text.txt"], [], 200],
    ["gzip", ["gzip/text.txt"], ["--compressed"], 200],
    ["what is not there", ["nothing"], [], 404],
    ["204", ["empty"], [], 204],
    ["several files in turn", ["hello.txt", "chunked/text.txt", "hello.txt"], [], 200],
  ])("curl gets %s", async (_, paths, args, status) => {
    const urls = paths.map((path) => `${url}/${path}`);
    const output = await worlds.same((world) => curl(world, "-i", ...args, ...urls));
    expect(statusLines(output).map((line) => Number(line.split(" ")[1]))).toEqual(paths.map(() => status));
  });

  test("20 MB go up and come back", async () => {
    await worlds.same(async (world) => {
      const [original, back] = [join(world.dir, "site/big.bin"), join(world.dir, `back-${way}`)];
      await curl(world, "-T", original, `${url}/upload/${way}`);
      await curl(world, "-o", back, `${url}/upload/${way}`);
      expect(await sha256(back)).toBe(await sha256(original));
    });
  });
});

test("nginx keeps its upstream connection over requests that come on several", async () => {
  const turns = await worlds.same(async (world) => {
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push(Number(await curl(world, `${FRONT}/stored/turn`)));
    return seen.map((turn) => turn - seen[0]!);
  });
  expect(turns).toEqual([0, 1, 2, 3, 4]);
});

describe("the trace of a request", () => {
  /** service, kind, name, status; in the order in which the request passed them */
  const HOPS = [
    ["client", "client", "198.18.0.2:8080/stored/hello.txt", 200],
    ["front", "server", "/stored/hello.txt", 200],
    ["front", "client", "back/hello.txt", 200],
    ["server", "server", "/hello.txt", 200],
  ];

  /** Its four spans, each the parent of the next. */
  async function chain(id: string): Promise<AgentSpan[]> {
    const spans = await worlds.agent.spans(HOPS.length, id);
    const ordered: AgentSpan[] = [];
    for (let parent = "0".repeat(16); ordered.length < spans.length; parent = ordered.at(-1)!.spanId) {
      ordered.push(spans.find(({ parentSpanId }) => parentSpanId === parent) ?? expect.unreachable(parent));
    }
    return ordered;
  }

  test("goes through all four sidecars, each hop the child of the one before", async () => {
    await curl(worlds.meshed, "-H", "X-Request-Id: chain", `${FRONT}/stored/hello.txt`);
    const spans = await chain("chain");
    const hops = spans.map(({ service, operationName, tags }) => [
      service,
      tags["span.kind"],
      operationName,
      Number(tags["http.status_code"]),
    ]);
    expect(hops).toEqual(HOPS);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  test("is its own, also where requests share every connection", async () => {
    const requests = ["-H", "X-Request-Id: first", `${FRONT}/stored/hello.txt`, "--next", "-s"];
    await curl(worlds.meshed, ...requests, "-H", "X-Request-Id: second", `${FRONT}/stored/hello.txt`);
    const traces = await Promise.all(["first", "second"].map(chain));
    const ids = traces.map((spans) => new Set(spans.map(({ traceId }) => traceId)));
    expect(ids.map(({ size }) => size)).toEqual([1, 1]);
    expect(ids[0]).not.toEqual(ids[1]);
  });
});

test("no sidecar gave up reading", () => {
  expect(worlds.whyUnread(HTTP)).toEqual({ client: [], front: [], server: [] });
});
