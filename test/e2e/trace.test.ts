/** Three services in three pods, each behind its sidecar. They copy the request id and know nothing of tracing. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Peer } from "../proxy/peer.ts";
import { Agent, type AgentSpan } from "./agent.ts";
import { requestIds } from "./expected.ts";
import { HTTP_PORT, openLab, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { dial, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const SERVICES = ["front", "cart", "stock"] as const;

let lab: Lab;
let outside: Pod;
let agent: Agent;
const pods: Record<string, Pod> = {};
const servers: Server[] = [];

beforeAll(async () => {
  lab = openLab("trace");
  outside = lab.pod("outside");
  agent = await Agent.start(outside);
  await Promise.all(
    SERVICES.map(async (name, i) => {
      pods[name] = lab.pod(name);
      servers.push(
        new Server(pods[name], HTTP_PORT, (peer) =>
          serve(peer, pods[name]!, SERVICES[i + 1]).catch(() => peer.rst()),
        ),
      );
      await startMeshed(pods[name], { name, env: agent.env });
    }),
  );
});
afterAll(() => {
  for (const server of servers) server.close();
  lab.close();
});

/** A service: it calls the next one, if there is one, with the path and the request id it was called with. */
async function serve(peer: Peer, pod: Pod, next: string | undefined): Promise<void> {
  await peer.until(({ text }) => text.endsWith("\r\n\r\n"));
  const path = peer.text.split(" ")[1]!;
  const failing = next === undefined && path === "/fail";
  const status = next === undefined ? (failing ? "500 Broken" : "200 OK") : await call(pod, next, path, peer);
  peer.send(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`).fin();
}

/** The status line's end of the answer. */
async function call(from: Pod, to: string, path: string, caller: Peer): Promise<string> {
  const [id] = requestIds(caller);
  return request(from, to, path, `X-Request-Id: ${id}\r\n`);
}

async function request(from: Pod, to: string, path: string, fields: string): Promise<string> {
  const client = await dial(from, pods[to]!.ip4, HTTP_PORT);
  client.send(`GET ${path} HTTP/1.1\r\nHost: ${to}\r\n${fields}\r\n`);
  await client.over();
  client.fin();
  return client.text.slice("HTTP/1.1 ".length).split("\r\n")[0]!;
}

const HOPS = [
  ["front", "server"],
  ["front", "client"],
  ["cart", "server"],
  ["cart", "client"],
  ["stock", "server"],
];

function hop({ service, tags }: AgentSpan): unknown[] {
  return [service, tags["span.kind"]];
}

test.each([
  ["/ok", "200 OK", undefined],
  ["/fail", "500 Broken", true],
])("a request to %s is one trace, each span the child of the one before", async (path, status, error) => {
  const id = `id of ${path}`;
  expect(await request(outside, "front", path, `X-Request-Id: ${id}\r\n`)).toBe(status);
  const spans = await agent.spans(HOPS.length, id);
  const ordered = HOPS.map((wanted) => spans.find((span) => Bun.deepEquals(hop(span), wanted))!);
  expect(spans.map(hop).sort()).toEqual(HOPS.toSorted());
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(ordered.map(({ parentSpanId }) => parentSpanId)).toEqual([
    "0".repeat(16),
    ...ordered.slice(0, -1).map(({ spanId }) => spanId),
  ]);
  expect(spans.map(({ tags }) => tags.error)).toEqual(Array(HOPS.length).fill(error));
});

test("the request id that a sidecar makes up holds the trace together too", async () => {
  const servedBefore = servers.map(({ peers }) => peers.length);
  await request(outside, "front", "/bare", "");
  const ids = servers.map(({ peers }, i) => requestIds(peers[servedBefore[i]!]!)[0]!);
  expect(new Set(ids).size).toBe(1);
  const spans = await agent.spans(HOPS.length, ids[0]!);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
});

test("requests that overlap stay in their own traces", async () => {
  const ids = Array.from({ length: 20 }, (_, i) => `overlapping ${i}`);
  await Promise.all(ids.map((id) => request(outside, "front", "/ok", `X-Request-Id: ${id}\r\n`)));
  const traces = await Promise.all(
    ids.map(async (id) => {
      const spans = await agent.spans(HOPS.length, id);
      expect(spans.map(hop).sort()).toEqual(HOPS.toSorted());
      return new Set(spans.map(({ traceId }) => traceId));
    }),
  );
  expect(traces.map(({ size }) => size)).toEqual(Array(ids.length).fill(1));
  expect(new Set(traces.flatMap((trace) => [...trace])).size).toBe(ids.length);
});
