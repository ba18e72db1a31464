/** `netramesh check` in pods that are well, and in pods with one thing wrong. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod, RunResult } from "../../examples/lab/pod.ts";
import { inNamespace } from "../ffi/namespace.ts";
import { Agent } from "./agent.ts";
import {
  type Env,
  HTTP_PORT,
  init,
  METRICS_PORT,
  NETRAMESH,
  netramesh,
  OPAQUE_PORT,
  openLab,
  PROXY_PORT,
  SIDECAR,
  type Sidecar,
  startMeshed,
  startSidecar,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const STRANGER = { uid: 4242, gid: 4242 };
const COLLECTOR_PORT = 4318;
const HOUR_MS = 3_600_000;

interface Check {
  readonly category: string;
  readonly name: string;
  readonly result: "ok" | "warning" | "error";
  readonly message: string;
  readonly hint: string | null;
}

let lab: Lab;
let outside: Pod;
let agent: Agent;
/** What a sidecar that is well has. */
let env: Env;
beforeAll(async () => {
  lab = openLab("check");
  outside = lab.pod("outside");
  agent = await Agent.start(outside);
  env = { ...agent.env, NETRA_HTTP_PORTS: String(HTTP_PORT), JAEGER_SERVICE_NAME: "service" };
});
afterAll(() => lab.close());

function run(pod: Pod, more: Env = {}, user = SIDECAR, words: readonly string[] = []): Promise<RunResult> {
  return pod.run([NETRAMESH, "check", ...words], { ...user, env: { ...env, ...more } });
}

/** What was found, and the exit code, which has to fit. */
async function found(pod: Pod, more?: Env, user?: typeof SIDECAR): Promise<Check[]> {
  const { code, stdout, stderr } = await run(pod, more, user, ["--output", "json"]);
  const { checks, success } = JSON.parse(stdout) as { checks: Check[]; success: boolean };
  const isWrong = checks.some(({ result }) => result === "error");
  expect({ code, success, stderr }).toEqual({ code: isWrong ? 1 : 0, success: !isWrong, stderr: "" });
  return checks;
}

/** `name: message` of all with this result. */
function having(result: Check["result"], checks: readonly Check[]): string[] {
  return checks.filter((each) => each.result === result).map(({ name, message }) => `${name}: ${message}`);
}

describe("in a pod that is well", () => {
  let pod: Pod;
  let sidecar: Sidecar;
  beforeAll(async () => {
    pod = lab.pod("well");
    sidecar = await startMeshed(pod, { env: { ...env, NETRA_PROPAGATORS: "jaeger" } });
    await pod.waitForPort(METRICS_PORT);
  });

  const inContainer = { NETRA_PROPAGATORS: "jaeger", NETRA_LOG_FORMAT: "text" };

  test("nothing is wrong, for people", async () => {
    const { code, stdout, stderr } = await run(pod, inContainer);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toStartWith("configuration\n-------------\n√ every variable");
    expect(stdout).toEndWith("\n√ no errors, no warnings\n");
    expect(stdout).not.toMatch(/[×‼]/);
    expect(stdout).toBe(Bun.stripANSI(stdout));
  });

  test("nor for programs, which are told the same", async () => {
    const checks = await found(pod, inContainer);
    expect(having("error", checks)).toEqual([]);
    expect(having("warning", checks)).toEqual([]);
    expect(Object.keys(checks[0]!)).toEqual(["category", "name", "result", "message", "hint"]);
    const said = having("ok", checks).join("\n");
    expect(said).toContain("sidecar: a sidecar runs here and is ready");
    expect(said).toContain(
      "redirection: connections of uid 1337 gid 1337, the sidecar's own user, are not redirected",
    );
    expect(said).toContain("port: NETRA_PORT 14956 is the sidecar's");
    expect(said).toContain("UDP cannot prove that it arrived");
  });

  test("the application's connections are seen to be redirected", async () => {
    const checks = await found(pod, inContainer, STRANGER);
    expect(having("error", checks)).toEqual([]);
    expect(having("ok", checks)).toContain(
      "redirection: connections of uid 4242 gid 4242 are redirected to the sidecar",
    );
  });

  test("whoever may read rules is told whether they are init's", async () => {
    const as = (more: Env) => netramesh(pod, ["check"], { ...env, ...inContainer, ...more });
    expect(await as({})).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("√ the rules are those that init makes of these variables"),
    });
    expect(await as({ OUTBOUND_SKIP_PORTS: "5432" })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("× the rules are not those of this configuration"),
    });
  });

  test("other variables than the sidecar's are a warning", async () => {
    const checks = await found(pod, { ...inContainer, NETRA_HTTP_PORTS: "81" });
    expect(having("warning", checks)).toEqual([
      "same-as-running: the sidecar that runs here has other values for NETRA_HTTP_PORTS",
    ]);
  });

  test("connections in flight and the sidecar do not notice", async () => {
    const server = new Server(pod, OPAQUE_PORT);
    const { client, server: peer } = await link(outside, pod.ip4, OPAQUE_PORT, server);
    const { files } = sidecar;
    await Promise.all([run(pod), run(pod, {}, STRANGER), netramesh(pod, ["check"])]);
    await sidecar.keeps(files);
    client.send("still here");
    await peer.until(({ text }) => text === "still here");
    expect(sidecar.log).not.toMatch(/WARN|ERROR/);
    client.rst();
    server.close();
  });
});

describe("before the sidecar starts", () => {
  let pod: Pod;
  beforeAll(async () => {
    pod = lab.pod("ready");
    await init(pod);
  });

  test("its user is proved exempt, and its ports are free", async () => {
    const checks = await found(pod);
    expect(having("error", checks)).toEqual([]);
    expect(having("warning", checks)).toEqual([]);
    expect(having("ok", checks)).toEqual(
      expect.arrayContaining([
        "nat: a NAT rule is in force in this network namespace",
        "exemption: the rules exempt uid 1337 gid 1337",
        "port: NETRA_PORT 14956 is free",
      ]),
    );
  });

  test("a user whom the rules do not exempt is wrong", async () => {
    const [wrong, ...others] = (await found(pod, {}, STRANGER)).filter(({ result }) => result === "error");
    expect(others).toEqual([]);
    expect(wrong).toMatchObject({
      category: "network",
      name: "exemption",
      message: expect.stringContaining("do not exempt uid 4242 gid 4242"),
      hint: expect.stringContaining("NETRA_SIDECAR_USER_ID"),
    });
  });

  const rows: [label: string, env: Env, result: Check["result"], message: RegExp][] = [
    ["an agent that is down", { JAEGER_AGENT_PORT: "6832" }, "error", /^agent: .*:6832 .*refused by ICMP/],
    [
      "an agent without an address",
      { JAEGER_AGENT_HOST: "agent.invalid" },
      "error",
      /^agent: .*agent\.invalid has no address/,
    ],
    [
      "a collector that is down",
      { JAEGER_ENDPOINT: "http://127.0.0.1:9/" },
      "error",
      /^collector: .*no connection/,
    ],
    ["wrong variables", { NETRA_PORT: "x" }, "error", /^variables: NETRA_PORT="x" is not a port/],
    ["wrong variables of init", { NETRA_BACKEND: "x" }, "error", /^variables: NETRA_BACKEND="x"/],
    [
      "a configuration file that is not there",
      { NETRA_CONFIG_FILE: "/none" },
      "error",
      /^variables: NETRA_CONFIG_FILE="\/none": ENOENT/,
    ],
    ["a misspelt variable", { NETRA_HTP_PORTS: "80" }, "warning", /^unknown-variable: NETRA_HTP_PORTS/],
    ["no HTTP port", { NETRA_HTTP_PORTS: "" }, "warning", /^http-ports: no port carries HTTP/],
    [
      "no sampler",
      { JAEGER_SAMPLER_TYPE: "", JAEGER_SAMPLER_PARAM: "" },
      "warning",
      /^sampling: .*nothing is traced/,
    ],
    [
      "a port that only root may use",
      { NETRA_PORT: "80" },
      "error",
      /^port: NETRA_PORT 80 .*may not use ports/,
    ],
    [
      "more connections than files",
      { NETRA_MAX_CONNECTIONS: "900000" },
      "warning",
      /^files: .*asks for 900000/,
    ],
  ];
  test.each(rows)("%s", async (_, more, result, message) => {
    const said = having(result, await found(pod, more));
    expect(said.filter((each) => message.test(each)).length, said.join("\n")).toBe(1);
  });

  test("a kernel that remembers resets", async () => {
    expect(having("ok", await found(pod))).toContain(
      "resets: the kernel forgets connections at once that were reset",
    );
    pod.sysctl("net.netfilter.nf_conntrack_tcp_timeout_close", 10);
    const said = having("warning", await found(pod));
    await init(pod);
    expect(said).toEqual([expect.stringMatching(/^resets: .*for 10 s/)]);
  });

  test("everything that is wrong with the variables is listed", async () => {
    const wrong = having(
      "error",
      await found(pod, { NETRA_PORT: "x", NETRA_HTTP_PORTS: "y", JAEGER_AGENT_PORT: "z" }),
    );
    expect(wrong.length).toBe(3);
  });

  test.each([PROXY_PORT, METRICS_PORT])("port %d is taken", async (port) => {
    const server = new Server(pod, port);
    const result = port === PROXY_PORT ? "error" : "warning";
    const said = having(result, await found(pod));
    server.close();
    expect(said).toEqual([expect.stringContaining(`${port} cannot be used: another process listens there`)]);
  });

  test("a collector is asked for its time, and gets no span", async () => {
    const asked: string[] = [];
    const date = new Date(Date.now() - HOUR_MS).toUTCString();
    const server = await inNamespace(outside.namespace, () =>
      Bun.serve({
        port: COLLECTOR_PORT,
        fetch: ({ method, url }) => {
          asked.push(`${method} ${new URL(url).pathname}`);
          return new Response(null, { status: 405, headers: { date } });
        },
      }),
    );
    const url = `http://${outside.ip4}:${COLLECTOR_PORT}`;
    const checks = await found(pod, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    await server.stop(true);
    expect(asked).toEqual(["HEAD /v1/traces"]);
    expect(having("ok", checks)).toContain(
      `collector: the OTLP collector ${url}/v1/traces answers (HEAD: 405); no span was sent`,
    );
    expect(having("warning", checks)).toEqual([
      expect.stringMatching(/^clock: the clock is 360\d s ahead of the collector's/),
    ]);
  });
});

test("where rules that came later redirect the sidecar itself, that is what is wrong", async () => {
  const pod = lab.pod("later");
  const more = { NETRA_PROPAGATORS: "jaeger", NETRA_LOG_FORMAT: "text" };
  await startSidecar(pod, { ...STRANGER, env: { ...env, ...more } });
  await pod.waitForPort(METRICS_PORT);
  await init(pod);
  const wrong = having("error", await found(pod, more, STRANGER));
  expect(wrong).toEqual([
    "redirection: connections of uid 4242 gid 4242, the sidecar's own user, are redirected to the sidecar",
  ]);
});

test("where no rule is in force, that is what is wrong", async () => {
  const wrong = (await found(lab.pod("bare"))).filter(({ result }) => result === "error");
  expect(wrong).toEqual([
    expect.objectContaining({ name: "nat", hint: expect.stringContaining("netramesh init") }),
  ]);
});

test.each([
  ["are for terminals", {}, "\x1b[31m×\x1b[0m "],
  ["are for nobody who does not want them", { NO_COLOR: "1" }, "\n× "],
])("colours %s", async (_, more, mark) => {
  const command = [Bun.which("script")!, "-qec", `${NETRAMESH} check`, "/dev/null"];
  const { stdout } = await outside.run(command, { env: { ...env, ...more, SHELL: "/bin/sh" } });
  expect(stdout).toContain(`${mark}no NAT rule`);
});

test("another answer than there is, is a usage error", async () => {
  const { code, stdout, stderr } = await run(outside, {}, SIDECAR, ["--output", "yaml"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain('--output "yaml" is neither text nor json');
});
