/** NETRA_CONFIG_FILE in a ConfigMap that changes while connections are open. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { Agent, tracing } from "./agent.ts";
import { ConfigMap } from "./config-map.ts";
import {
  type Env,
  eventually,
  HTTP_PORT,
  netramesh,
  openLab,
  type Sidecar,
  startMeshed,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { type Link, link, Server } from "./wire.ts";

setDefaultTimeout(2 * TEST_TIMEOUT_MS);

const { JAEGER_SAMPLER_TYPE: _, JAEGER_SAMPLER_PARAM: __, ...reporting } = tracing;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const UNSAMPLED = "JAEGER_SAMPLER_TYPE: const\nJAEGER_SAMPLER_PARAM: 0\n";
const SAMPLED = "JAEGER_SAMPLER_TYPE: const\nJAEGER_SAMPLER_PARAM: 1\n";

let lab: Lab;
let outside: Pod;
let agent: Agent;
let config: ConfigMap;
let ends: Link;
let sidecar: Sidecar;
let server: Server;
let pods = 0;
beforeAll(async () => {
  lab = openLab("reload");
  outside = lab.pod("outside");
  agent = await Agent.start(outside);
});
afterAll(() => lab.close());

/** A sidecar whose variables stand in the file, and one connection through it that stays open. */
async function start(text: string, env: Env = {}): Promise<void> {
  config = new ConfigMap(text);
  const pod = lab.pod(`pod${++pods}`);
  const variables = {
    ...reporting,
    NETRA_DRAIN_GRACE_MILLISECONDS: "0",
    JAEGER_AGENT_HOST: outside.ip4,
    NETRA_CONFIG_FILE: config.path,
    ...env,
  };
  sidecar = await startMeshed(pod, { env: variables });
  server = new Server(pod, HTTP_PORT);
  ends = await link(outside, pod.ip4, HTTP_PORT, server);
}
beforeEach(() => start(UNSAMPLED));
afterEach(() => {
  server.close();
  config.remove();
});

/** A request on the open connection, answered; what the sidecar made of it. */
async function request(path: string, lines = ""): Promise<string> {
  const { client, server } = ends;
  const [sent, answered] = [server.text.length, client.text.length];
  client.send(`GET ${path} HTTP/1.1\r\nX-Request-Id: ${path}\r\n${lines}\r\n`);
  await server.until(({ text }) => text.endsWith("\r\n\r\n") && text.length > sent);
  server.send(OK);
  await client.until(({ text }) => text.length >= answered + OK.length);
  return server.text.slice(sent);
}

test("sampling, ignored paths and tags change on a connection that stays open", async () => {
  expect(await request("/before")).toMatch(/uber-trace-id: .*:0\r\n/);
  config.update(`${SAMPLED}NETRA_HTTP_TRACING_IGNORED_PATHS: [/health]\nHTTP_HEADER_TAG_MAP: X-User:user\n`);
  await sidecar.logged(/INFO {2}HTTP_HEADER_TAG_MAP is now X-User:user, it was none/);
  await sidecar.logged(/INFO {2}JAEGER_SAMPLER_PARAM is now 1, it was 0/);
  expect(await request("/after", "X-User: me\r\n")).toMatch(/uber-trace-id: .*:1\r\n/);
  expect(await request("/health")).not.toContain("uber-trace-id");
  const spans = await agent.spans(1, "/before", "/after", "/health");
  expect(spans.map(({ operationName, tags }) => [operationName, tags.user])).toEqual([["/after", "me"]]);
});

test("the access log begins, takes another form and ends", async () => {
  const said = (path: string) =>
    eventually(
      () => sidecar.out.includes(path),
      () => `no ${path} in ${sidecar.out}`,
    );
  await request("/silent");
  config.update(`${UNSAMPLED}NETRA_ACCESS_LOG: json\n`);
  await sidecar.logged(/NETRA_ACCESS_LOG is now json, it was off/);
  await request("/object");
  await said("/object");
  config.update(`${UNSAMPLED}NETRA_ACCESS_LOG: common\n`);
  await sidecar.logged(/NETRA_ACCESS_LOG is now common, it was json/);
  await request("/common");
  await said("/common");
  config.update(UNSAMPLED);
  await sidecar.logged(/NETRA_ACCESS_LOG is now off, it was common/);
  await request("/silent");
  sidecar.signal("SIGTERM");
  ends.client.rst();
  await sidecar.exited;
  expect(sidecar.out.match(/(?:"path":"|"GET )\/\w+/g)).toEqual(['"path":"/object', '"GET /common']);
});

test("the log's level changes", async () => {
  config.update(`${UNSAMPLED}NETRA_LOGGER_LEVEL: error\n`);
  await sidecar.logged(/NETRA_LOGGER_LEVEL is now error, it was info/);
  sidecar.signal("SIGTERM");
  ends.client.rst();
  await sidecar.exited;
  expect(sidecar.log).not.toContain("SIGTERM");
});

test("a broken file keeps what holds and is said once; a repaired one is taken", async () => {
  config.update("JAEGER_SAMPLER_TYPE: [\n");
  await sidecar.logged(/ERROR .*mesh\.yaml: line 2: .*; the configuration stays as it was/);
  config.update("JAEGER_SAMPLER_TYPE: always\nNETRA_PROT: 1\n");
  await sidecar.logged(
    /ERROR .*mesh\.yaml: line 2: "NETRA_PROT" is not a variable, did you mean NETRA_PORT\?/,
  );
  expect(await request("/still")).toMatch(/uber-trace-id: .*:0\r\n/);
  config.update(SAMPLED);
  await sidecar.logged(/JAEGER_SAMPLER_PARAM is now 1/);
  expect(await request("/repaired")).toMatch(/uber-trace-id: .*:1\r\n/);
  expect(sidecar.log.match(/line 2: "NETRA_PROT"/g)).toHaveLength(1);
});

test("what needs a restart is named and does not change", async () => {
  config.update(`${UNSAMPLED}NETRA_HTTP_X_SOURCE_VALUE: other\nNETRA_HTTP_PORTS: 1\n`);
  await sidecar.logged(/WARN {2}NETRA_HTTP_X_SOURCE_VALUE has changed in .*: it needs a restart/);
  expect(sidecar.log).not.toContain("NETRA_HTTP_PORTS has changed");
  expect(await request("/as-before")).toContain("uber-trace-id");
});

describe("at the start", () => {
  test("a file that is missing, broken or wrong ends with exit code 2, all of it said", async () => {
    const run = (env: Env) => netramesh(outside, ["--service-name", "x"], { ...tracing, ...env });
    const missing = await run({ NETRA_CONFIG_FILE: "/nowhere/mesh.yaml", NETRA_PORT: "0" });
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('NETRA_CONFIG_FILE="/nowhere/mesh.yaml": ENOENT'),
    ]);
    expect(missing.stderr).toContain('NETRA_PORT="0" is not a port');
    config.update("NETRA_PORT: 0\nNETRA_PROT: 1\nNETRA_PORT: 2\n");
    const broken = await run({ NETRA_CONFIG_FILE: config.path });
    expect([broken.code, broken.stderr]).toEqual([
      2,
      expect.stringContaining("line 3: NETRA_PORT is there already"),
    ]);
    config.update('{"NETRA_PORT": 0, "NETRA_PROMETHEUS_PORT": "x"}');
    const wrong = await run({ NETRA_CONFIG_FILE: config.path });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('NETRA_PORT="0" is not a port')]);
    expect(wrong.stderr).toContain('NETRA_PROMETHEUS_PORT="x" is not a port');
  });

  test("the environment wins over the file", async () => {
    server.close();
    config.remove();
    await start(`${UNSAMPLED}NETRA_HTTP_REQUEST_ID_HEADER_NAME: X-File\n`, { JAEGER_SAMPLER_PARAM: "1" });
    expect(await request("/both")).toMatch(/X-File: .*\r\nuber-trace-id: .*:1\r\n/);
  });
});
