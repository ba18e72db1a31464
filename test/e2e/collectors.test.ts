/** Spans over HTTP, from a pod in which everything is redirected: what the sidecar sends itself is not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { inNamespace } from "../ffi/namespace.ts";
import { readOtlp } from "../trace/support/otlp-reader.ts";
import { readBatch } from "../trace/support/thrift-reader.ts";
import { tracing } from "./agent.ts";
import { eventually, HTTP_PORT, init, openLab, startSidecar } from "./harness.ts";
import { link, Server } from "./wire.ts";

interface Post {
  readonly path: string;
  readonly type: string | null;
  readonly authorization: string | null;
  readonly body: Uint8Array;
}

const COLLECTOR_PORT = 4318;
const posts: Post[] = [];
let lab: Lab;
let pod: Pod;
let outside: Pod;
let server: Server;

beforeAll(() => {
  lab = openLab("collectors");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  server = new Server(pod, HTTP_PORT);
  inNamespace(outside.namespace, () =>
    Bun.serve({
      port: COLLECTOR_PORT,
      async fetch({ url, headers, body }) {
        const bytes = new Uint8Array(await new Response(body).arrayBuffer());
        const { pathname } = new URL(url);
        const [type, authorization] = [headers.get("content-type"), headers.get("authorization")];
        posts.push({ path: pathname, type, authorization, body: bytes });
        return new Response(null, { status: 202 });
      },
    }),
  );
});
afterAll(() => {
  server.close();
  lab.close();
});

/** Packets that began a connection which the rules redirected on its way out. */
async function redirectedOut(): Promise<number> {
  const { stdout } = await pod.run(["/usr/sbin/nft", "list", "chain", "inet", "netramesh", "output"]);
  return Number(/counter packets (\d+)/.exec(stdout)![1]);
}

/** What a collector gets of one request to a sidecar with this environment. */
async function postOf(env: Record<string, string>): Promise<Post> {
  posts.length = 0;
  await init(pod);
  const sidecar = await startSidecar(pod, { name: "shop", env: { ...tracing, ...env } });
  const { client, server: application } = await link(outside, pod.ip4, HTTP_PORT, server);
  client.send("GET /collected HTTP/1.1\r\nX-Request-Id: c1\r\n\r\n").fin();
  await application.over();
  application.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").fin();
  await client.over();
  await eventually(
    () => posts.length > 0,
    () => `nothing was posted: ${sidecar.log}`,
  );
  expect(await redirectedOut()).toBe(0);
  sidecar.signal("SIGKILL");
  await sidecar.exited;
  return posts[0]!;
}

test("JAEGER_ENDPOINT gets Thrift with basic authorization", async () => {
  const url = `http://${outside.ip4}:${COLLECTOR_PORT}/api/traces`;
  const post = await postOf({ JAEGER_ENDPOINT: url, JAEGER_USER: "u", JAEGER_PASSWORD: "p" });
  expect(post).toMatchObject({
    path: "/api/traces",
    type: "application/x-thrift",
    authorization: "Basic dTpw",
  });
  const { serviceName, spans } = readBatch(post.body);
  expect([serviceName, spans.map((span) => span.operationName)]).toEqual(["shop", ["/collected"]]);
});

test("OTEL_EXPORTER_OTLP_ENDPOINT gets protobuf", async () => {
  const url = `http://${outside.ip4}:${COLLECTOR_PORT}`;
  const post = await postOf({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: "20" });
  expect(post).toMatchObject({ path: "/v1/traces", type: "application/x-protobuf" });
  const { resource, spans } = readOtlp(post.body);
  expect(resource).toContainEqual({ key: "service.name", value: { stringValue: "shop" } });
  expect(spans.map(({ name, kind }) => [name, kind])).toEqual([["/collected", 2]]);
});
