/** Variables that change names, values, ports and lifetimes. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { Agent } from "./agent.ts";
import { expectReceived } from "./expected.ts";
import { type Env, openLab, PROXY_PORT, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { dial, fateOf, link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const PORT = 80;

let lab: Lab;
let outside: Pod;
let agent: Agent;
let remote: Server;
let pods = 0;
beforeAll(async () => {
  lab = openLab("configured");
  outside = lab.pod("outside");
  agent = await Agent.start(outside);
  remote = new Server(outside, PORT);
});
afterAll(() => {
  remote.close();
  lab.close();
});

/** A meshed pod of its own, and its server. */
async function meshed(env: Env, rules: Env = {}): Promise<{ pod: Pod; local: Server }> {
  const pod = lab.pod(`pod${++pods}`);
  await startMeshed(pod, { env: { ...agent.env, NETRA_HTTP_PORTS: `${PORT},443`, ...env } }, rules);
  return { pod, local: new Server(pod, PORT) };
}

/** What a server receives of a request. */
async function passed(from: Pod, ip: string, server: Server, head: string): Promise<Server["peers"][number]> {
  const ends = await link(from, ip, PORT, server);
  ends.client.send(`${head}\r\n`).fin();
  await ends.server.over();
  ends.server.send("HTTP/1.1 204 No Content\r\n\r\n").fin();
  await ends.client.over();
  return ends.server;
}

const HEAD = "GET / HTTP/1.1\r\nX-Request-Id: theirs\r\nX-Source: theirs\r\n";

test("the lines have the names and values that the variables give them", async () => {
  const { pod } = await meshed({
    NETRA_HTTP_REQUEST_ID_HEADER_NAME: "X-Correlation",
    NETRA_HTTP_X_SOURCE_HEADER_NAME: "X-From",
    NETRA_HTTP_X_SOURCE_VALUE: "shop (eu)",
  });
  const inserted = "X-Correlation: {ID}\r\nX-From: shop (eu)\r\nuber-trace-id: {ROOT}\r\n";
  await expectReceived(await passed(pod, outside.ip4, remote, HEAD), `${HEAD}${inserted}\r\n`);
});

test("an outbound request joins the trace of its request id, until that has expired", async () => {
  const { pod, local } = await meshed({ NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS: "500" });
  const traceOf = ({ text }: { text: string }) => /uber-trace-id: ([0-9a-f]+):/.exec(text)![1];
  const inbound = traceOf(await passed(outside, pod.ip4, local, HEAD));
  expect(traceOf(await passed(pod, outside.ip4, remote, HEAD))).toBe(inbound);
  await Bun.sleep(1000);
  expect(traceOf(await passed(pod, outside.ip4, remote, HEAD))).not.toBe(inbound);
});

test("JAEGER_TRACEID_128BIT makes long trace ids, in the header and in the span", async () => {
  const { pod, local } = await meshed({ JAEGER_TRACEID_128BIT: "true" });
  const { text } = await passed(outside, pod.ip4, local, "GET / HTTP/1.1\r\nX-Request-Id: long\r\n");
  const [, trace] = /uber-trace-id: ([0-9a-f]{32}):[0-9a-f]{16}:0{16}:1\r\n/.exec(text)!;
  const [span] = await agent.spans(1, "long");
  expect(span!.traceId).toBe(trace!);
});

test("the proxy may listen elsewhere, if init is told so too", async () => {
  const { pod, local } = await meshed({ NETRA_PORT: "15000" }, { NETRA_SIDECAR_PORT: "15000" });
  const received = await passed(outside, pod.ip4, local, "GET / HTTP/1.0\r\n");
  expect(received.text).toContain("uber-trace-id: ");
  expect(await fateOf(outside, pod.ip4, 15000)).toBe("rst");
  const free = new Server(pod, PROXY_PORT);
  const { client, server } = await link(outside, pod.ip4, PROXY_PORT, free);
  client.rst();
  await server.until(({ ending }) => ending === "rst");
  free.close();
});

test("a dial that takes longer than the connect timeout is given up, and the client reset", async () => {
  const { pod } = await meshed({ NETRA_CONNECT_TIMEOUT_MILLISECONDS: "100" });
  const client = await dial(pod, "198.18.9.9", 9000);
  await client.until(({ ending }) => ending === "rst");
});
