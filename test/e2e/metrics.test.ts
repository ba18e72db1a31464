/** The metrics of a sidecar under traffic, as promtool and a person read them; and statsd. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inNamespace } from "../ffi/namespace.ts";
import { eventually, OPAQUE_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { ask, MetricsScene } from "./metrics-scene.ts";
import { dial } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const STATSD_PORT = 8125;
const ROUNDS = 3;

let scene: MetricsScene;
const statsd: string[] = [];
beforeAll(async () => {
  scene = await MetricsScene.open("metrics", {
    NETRA_STATSD_ENABLED: "true",
    NETRA_STATSD_ADDRESS: `198.18.0.2:${STATSD_PORT}`,
    NETRA_STATSD_PREFIX: "mesh",
    NETRA_HTTP_TRACING_IGNORED_PATHS: "/healthz",
  });
  const data = (_: unknown, datagram: Uint8Array) =>
    void statsd.push(...Buffer.from(datagram).toString().split("\n"));
  await inNamespace(scene.outside.namespace, () =>
    Bun.udpSocket({ hostname: "::", port: STATSD_PORT, socket: { data } }),
  );
  for (let i = 0; i < ROUNDS; i++) await scene.traffic();
});
afterAll(() => scene.close());

async function promtool(text: string): Promise<{ code: number; said: string }> {
  const child = Bun.spawn(["promtool", "check", "metrics"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  child.stdin.write(text);
  await child.stdin.end();
  const said = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
  return { code: await child.exited, said };
}

test("promtool finds nothing to say about a scrape under load", async () => {
  const load = Array.from({ length: 20 }, () => ask(scene.outside, scene.pod, "/cart/1"));
  const text = await scene.scrape();
  await Promise.all(load);
  expect(await promtool(text)).toEqual({ code: 0, said: "" });
});

describe("what passed is counted:", () => {
  const server = (rest: string) =>
    `http_server_request_duration_seconds_count{http_request_method="GET",${rest}}`;
  const version = 'url_scheme="http",network_protocol_version="1.1"';

  test("requests by route and status", async () => {
    const route = (name: string, status: string) =>
      server(`http_route="${name}",${version},http_response_status_code=${status}`);
    await scene.becomes(route("/", '"200"'), ROUNDS);
    await scene.becomes(route("/fail", '"500",error_type="500"'), ROUNDS);
    await scene.becomes(server(`${version},http_response_status_code="404"`), ROUNDS);
    await scene.becomes(server(`${version},error_type="aborted"`), ROUNDS);
  });

  test("requests to others by server", async () => {
    const rest = `http_route="/cart/{id}",${version},server_address="198.18.0.2",server_port="8080"`;
    const series = `http_client_request_duration_seconds_count{http_request_method="GET",${rest},http_response_status_code="200"}`;
    await scene.becomes(series, 2 * ROUNDS);
  });

  test("connections, and what they carry", async () => {
    await scene.becomes('netramesh_protocol_detected_total{direction="outbound",protocol="tls"}', ROUNDS);
    await scene.becomes(
      'netramesh_protocol_detected_total{direction="outbound",protocol="http1"}',
      6 * ROUNDS,
    );
    await scene.becomes('netramesh_http_opaque_total{direction="outbound",reason="tls"}', ROUNDS);
    const failed = 'direction="outbound",protocol="http",reason="connect-failed"';
    await scene.becomes(`netramesh_tcp_connections_closed_total{${failed}}`, ROUNDS);
    await scene.becomes('netramesh_tcp_open_connections{direction="outbound",protocol="http"}', 0);
    await scene.becomes('netramesh_trace_parent_total{direction="outbound",source="none"}', 6 * ROUNDS);
  });

  test("bytes while a connection is still open", async () => {
    const labels = '{direction="inbound",protocol="tcp"}';
    await scene.becomes(`netramesh_tcp_received_bytes_total${labels}`, 5 * ROUNDS);
    const client = await dial(scene.outside, scene.pod.ip4, OPAQUE_PORT);
    await client.until(({ text }) => text === "welcome");
    client.send("live");
    await scene.becomes(`netramesh_tcp_received_bytes_total${labels}`, 5 * ROUNDS + 4);
    await scene.becomes(`netramesh_tcp_sent_bytes_total${labels}`, 7 * (ROUNDS + 1));
    await scene.becomes(`netramesh_tcp_open_connections${labels}`, 1);
    await client.fin().over();
  });

  test("the process, and the service that it belongs to", async () => {
    const text = await scene.scrape();
    expect(text).toContain('\ntarget_info{service_name="shop"} 1\n');
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d{7,}$/m);
    expect(text).toMatch(/^process_open_fds [1-9]\d?$/m);
    await scene.counts("netramesh_event_loop_lag_seconds_count");
    expect(text).toMatch(/^netramesh_build_info\{version="[^"]+",bun_version="[^"]+"\} 1$/m);
  });
});

test("a sampled request leaves its trace in OpenMetrics", async () => {
  const text = await scene.scrape("application/openmetrics-text; version=1.0.0");
  expect(text).toMatch(
    /^http_server_request_duration_seconds_bucket\{.*\} \d+ # \{trace_id="[\da-f]{32}"\} [\d.]+ \d+\.\d{3}$/m,
  );
  expect(text).toEndWith("\n# EOF\n");
});

test("statsd hears of inbound statuses, ignored paths excepted", async () => {
  await scene.sidecar.logged(/Counters go to statsd at 198\.18\.0\.2:8125 \(UDP\)/);
  await ask(scene.outside, scene.pod, "/healthz");
  const sum = (status: number) =>
    statsd
      .map((line) => /^mesh\.inbound\.(\d+):(\d+)\|c$/.exec(line)!)
      .reduce((total, [, of, count]) => total + (Number(of) === status ? Number(count) : 0), 0);
  await eventually(
    () => sum(500) === ROUNDS && sum(404) === ROUNDS,
    () => `heard of ${statsd.join(" ")}`,
  );
  const answered = sum(200);
  await ask(scene.outside, scene.pod, "/healthz");
  await ask(scene.outside, scene.pod, "/counted");
  await eventually(
    () => sum(200) > answered,
    () => "no word of /counted",
  );
  expect(sum(200)).toBe(answered + 1);
});
