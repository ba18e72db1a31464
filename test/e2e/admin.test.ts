/** The sidecar's own ports, behind real rules: who may ask what from where. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { ask } from "./asking.ts";
import {
  METRICS_PORT,
  OPAQUE_PORT,
  openLab,
  PPROF_PORT,
  PROXY_PORT,
  type Sidecar,
  startMeshed,
  startSidecar,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { fateOf, link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const LOOPBACK = "127.0.0.1";
const APP_PORT = 3306;
const LOCAL_APP_PORT = 3307;
const PROBES = {
  "db/liveness": { port: APP_PORT },
  "db/readiness": { port: LOCAL_APP_PORT },
  "db/startup": { port: LOCAL_APP_PORT, host: LOOPBACK },
};

let lab: Lab;
let outside: Pod;
let pod: Pod;
let open: Pod;
let sidecar: Sidecar;
beforeAll(async () => {
  lab = openLab("admin");
  outside = lab.pod("outside");
  pod = lab.pod("pod");
  open = lab.pod("open");
  const env = { NETRA_APP_PROBES: JSON.stringify(PROBES) };
  sidecar = await startMeshed(pod, { env });
  const secrets = {
    JAEGER_ENDPOINT: "http://u:p4ss@127.0.0.1:1/",
    JAEGER_USER: "u",
    JAEGER_PASSWORD: "s3cret",
  };
  await startMeshed(open, { env: { NETRA_PPROF_HOST: "0.0.0.0", ...secrets } });
  await pod.waitForPort(PPROF_PORT);
  await open.waitForPort(PPROF_PORT);
});
afterAll(() => lab.close());

describe("the metrics port answers", () => {
  const rows: [where: string, from: () => Pod, ip: () => string][] = [
    ["from outside", () => outside, () => pod.ip4],
    ["from outside by IPv6", () => outside, () => pod.ip6],
    ["the application by loopback, which the rules leave alone", () => pod, () => LOOPBACK],
    ["the application by IPv6 loopback", () => pod, () => "::1"],
  ];
  test.each(rows)("%s", async (_, from, ip) => {
    expect(await ask(from(), ip(), METRICS_PORT, "GET /live")).toMatchObject({ status: 200, body: "live\n" });
    expect(await ask(from(), ip(), METRICS_PORT, "GET /ready")).toMatchObject({
      status: 200,
      body: "ready\n",
    });
    const metrics = await ask(from(), ip(), METRICS_PORT, "GET /anything");
    expect(metrics.body).toMatch(/^netramesh_build_info\{.*\} 1$/m);
  });

  test("that a NAT rule is in force, before any connection came", async () => {
    const { body } = await ask(outside, pod.ip4, METRICS_PORT, "GET /ready?verbose");
    expect(body).toMatch(/^listening: yes\ndraining: no\nnat: active /);
  });

  test("that none was seen where there is none", async () => {
    const bare = lab.pod("bare");
    await startSidecar(bare);
    await bare.waitForPort(METRICS_PORT);
    const { status, body } = await ask(outside, bare.ip4, METRICS_PORT, "GET /ready?verbose");
    expect(status).toBe(200);
    expect(body).toMatch(/nat: not seen/);
  });
});

describe("the profiling port", () => {
  test("is closed to the outside, open to the pod", async () => {
    expect(await fateOf(outside, pod.ip4, PPROF_PORT)).toBe("rst");
    expect(await ask(pod, LOOPBACK, PPROF_PORT, "GET /log-level")).toMatchObject({ body: "info\n" });
  });

  test("shows the configuration without secrets to whom NETRA_PPROF_HOST lets in", async () => {
    const { status, body } = await ask(outside, open.ip4, PPROF_PORT, "GET /config");
    expect(status).toBe(200);
    expect(body).toContain("NETRA_PPROF_HOST=0.0.0.0\n");
    expect(body).toContain("@127.0.0.1:1/\n");
    expect(body).not.toMatch(/p4ss|s3cret/);
  });

  test.each([
    ["PUT /log-level", "debug"],
    ["POST /drain", ""],
  ])("refuses %s from outside even then", async (line, body) => {
    expect(await ask(outside, open.ip4, PPROF_PORT, line, body)).toMatchObject({ status: 403 });
    expect(await ask(open, LOOPBACK, PPROF_PORT, "GET /log-level")).toMatchObject({ body: "info\n" });
    expect(await ask(open, LOOPBACK, METRICS_PORT, "GET /ready")).toMatchObject({ status: 200 });
  });

  test("sets the log level for the pod", async () => {
    const gone = () => fateOf(outside, pod.ip4, 1);
    await gone();
    expect(sidecar.log).not.toContain("DEBUG");
    expect(await ask(pod, LOOPBACK, PPROF_PORT, "PUT /log-level", "debug")).toMatchObject({
      body: "debug\n",
    });
    await gone();
    await sidecar.logged(/DEBUG cannot connect to/);
    await ask(pod, LOOPBACK, PPROF_PORT, "PUT /log-level", "info");
  });

  test("lists the connections that are open", async () => {
    const server = new Server(pod, OPAQUE_PORT);
    const { client, server: peer } = await link(outside, pod.ip4, OPAQUE_PORT, server);
    client.send("ping");
    await peer.until(({ text }) => text === "ping");
    const { body } = await ask(pod, LOOPBACK, PPROF_PORT, "GET /debug/pprof/goroutine");
    expect(body).toContain("1 open connections\n");
    const line = new RegExp(
      `inbound +open +\\d+\\.\\ds +opaque +${outside.ip4}:\\d+ +${pod.ip4}:${OPAQUE_PORT} +4 +0\n`,
    );
    expect(body).toMatch(line);
    client.rst();
    await peer.until(({ ending }) => ending === "rst");
    server.close();
  });
});

describe("a probe of an application's port", () => {
  const health = async (kind: string) =>
    (await ask(outside, pod.ip4, METRICS_PORT, `GET /app-health/db/${kind}`)).status;

  test("tells whether the application listens, which connecting to it does not", async () => {
    expect(await health("liveness")).toBe(503);
    const server = new Server(pod, APP_PORT, (peer) => peer.finBack());
    expect(await health("liveness")).toBe(200);
    expect(server.peers[0]!.text).toBe("");
    server.close();
    expect(await health("liveness")).toBe(503);
  });

  test("dials the pod's own address as the kubelet does, or the one that it names", async () => {
    const server = new Server(pod, LOCAL_APP_PORT, () => {}, LOOPBACK);
    expect([await health("readiness"), await health("startup")]).toEqual([503, 200]);
    server.close();
  });

  test("that is not configured is 404", async () => {
    expect(await health("nothing")).toBe(404);
  });
});

test("a port that is taken costs that port only, and is said once", async () => {
  const taken = lab.pod("taken");
  const others = [new Server(taken, METRICS_PORT), new Server(taken, PPROF_PORT)];
  const other = await startMeshed(taken);
  for (const name of ["NETRA_PROMETHEUS_PORT", "NETRA_PPROF_PORT"]) {
    await other.logged(
      new RegExp(`WARN  ${name}: cannot listen on .*, going on without it: another process`),
    );
  }
  const server = new Server(taken, OPAQUE_PORT);
  const { client, server: peer } = await link(outside, taken.ip4, OPAQUE_PORT, server);
  client.send("ping");
  await peer.until(({ text }) => text === "ping");
  expect(other.log.match(/cannot listen/g)).toHaveLength(2);
  for (const each of [...others, server]) each.close();
});

test("both on one port: metrics and health have it", async () => {
  const single = lab.pod("single");
  const other = await startMeshed(single, { env: { NETRA_PPROF_PORT: String(METRICS_PORT) } });
  await other.logged(/WARN .*are both 14958: only one of them can be served/);
  await other.logged(/NETRA_PPROF_PORT: cannot listen/);
  expect(await ask(outside, single.ip4, METRICS_PORT, "GET /ready")).toMatchObject({ status: 200 });
});

test("the proxy's own port answers nothing of this", async () => {
  expect(await fateOf(outside, pod.ip4, PROXY_PORT, "GET /ready HTTP/1.1\r\n\r\n")).toBe("rst");
});
