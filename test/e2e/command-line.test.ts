/** What the binary answers to words and variables, right and wrong: exit codes, streams, and nothing half done. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import manifest from "../../package.json" with { type: "json" };
import { tracing } from "./agent.ts";
import {
  type Env,
  NETRAMESH,
  netramesh,
  openLab,
  PROXY_PORT,
  SIDECAR,
  Sidecar,
  TEST_TIMEOUT_MS,
} from "./harness.ts";
import { Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let lab: Lab;
let pod: Pod;
/** Where the sidecar wants to listen: whoever gets that far fails with exit code 1. */
let occupant: Server;

beforeAll(() => {
  lab = openLab("cli");
  pod = lab.pod("pod");
  occupant = new Server(pod, PROXY_PORT);
});
afterAll(() => {
  occupant.close();
  lab.close();
});

function lines(text: string): string[] {
  return text.split("\n").filter(Boolean);
}

describe("a usage error ends with exit code 2 and one line on stderr", () => {
  const rows: [words: string, says: RegExp][] = [
    ["versoin", /unknown command "versoin", did you mean version\?/],
    ["innit", /unknown command "innit", did you mean init\?/],
    ["--servce-name x", /unknown option "--servce-name", did you mean --service-name\?/],
    ["-servicename x", /unknown option .*, did you mean --service-name\?/],
    ["init --dryrun", /unknown option "--dryrun", did you mean --dry-run\?/],
    ["init --service-name x", /unknown option "--service-name"/],
    ["init --dry-run=no", /--dry-run takes no value/],
    ["version 1", /unexpected argument "1"/],
    ["--service-name x y", /unexpected argument "y"/],
    ["--service-name", /--service-name needs a value/],
    ["--service-name=", /--service-name needs a value/],
  ];
  test.each(rows)("netramesh %s", async (words, says) => {
    const { code, stdout, stderr } = await netramesh(pod, words.split(" ").filter(Boolean));
    expect([code, stdout, lines(stderr).length]).toEqual([2, "", 1]);
    expect(stderr).toMatch(says);
  });
});

test("version prints the version and nothing else", async () => {
  const result = await netramesh(pod, ["version"], { NETRA_PORT: "nonsense" });
  expect(result).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test.each([
  ["--help", ["--service-name", "init", "version"]],
  ["init --help", ["--dry-run", "--cleanup"]],
  ["version --help", ["version"]],
])("%s tells what there is, on stdout, without colours", async (words, mentioned) => {
  const { code, stdout, stderr } = await netramesh(pod, words.split(" "));
  expect([code, stderr]).toEqual([0, ""]);
  for (const word of mentioned) expect(stdout).toContain(word);
  expect(stdout).not.toContain("\x1b");
});

test.each([["--service-name shop"], ["--service-name=shop"], ["-service-name shop"], ["-service-name=shop"]])(
  "%s starts the sidecar, which says in one line that its port is taken, exit code 1",
  async (words) => {
    const { code, stdout, stderr } = await netramesh(pod, words.split(" "), { NETRA_LOGGER_LEVEL: "error" });
    expect([code, stdout, lines(stderr).length]).toEqual([1, "", 1]);
    expect(stderr).toMatch(/NETRA_PORT=14956: .*another process listens there/);
  },
);

describe("the service name", () => {
  test("must come from somewhere, else exit code 2", async () => {
    const { code, stdout, stderr } = await netramesh(pod, [], tracing);
    expect([code, stdout, lines(stderr).length]).toEqual([2, "", 1]);
    expect(stderr).toMatch(/no service name: .*--service-name/);
  });

  const sources: [string, Env, string][] = [
    ["JAEGER_SERVICE_NAME", { JAEGER_SERVICE_NAME: "j", OTEL_SERVICE_NAME: "o" }, "j"],
    ["OTEL_SERVICE_NAME", { OTEL_SERVICE_NAME: "o", POD_NAME: "p-1" }, "o"],
    ["the pod", { POD_NAMESPACE: "shop", POD_NAME: "cart-7d4b9c6f8-x2x5z" }, "shop.cart"],
  ];
  test.each(sources)("may come from %s", async (_, env, name) => {
    const port = { NETRA_PORT: "15000", NETRA_DRAIN_GRACE_MILLISECONDS: "0" };
    const sidecar = pod.spawn([NETRAMESH], { uid: 1337, gid: 1337, env: { ...env, ...port } });
    await pod.waitForPort(15000);
    sidecar.kill("SIGTERM");
    expect(await new Response(sidecar.stderr as ReadableStream).text()).toContain(` for ${name} `);
  });
});

describe("bad variables are all listed, exit code 2, and nothing is bound", () => {
  const bad: Env = {
    NETRA_PORT: "0",
    NETRA_PROMETHEUS_PORT: "http",
    NETRA_LOGGER_LEVEL: "loud",
    NETRA_HTTP_PORTS: "80,8o80",
    NETRA_HTTP_REQUEST_ID_HEADER_NAME: "X Request",
    NETRA_HTTP_X_SOURCE_VALUE: "a\x07b",
    NETRA_TRACING_CONTEXT_EXPIRATION_MILLISECONDS: "5s",
    NETRA_CONTEXT_MAX_ENTRIES: "-1",
    NETRA_DRAIN_TIMEOUT_MILLISECONDS: "1e3",
    NETRA_MAX_CONNECTIONS: "many",
    JAEGER_SAMPLER_TYPE: "always",
    JAEGER_DISABLED: "yes",
    JAEGER_REPORTER_FLUSH_INTERVAL: "1000",
    JAEGER_AGENT_PORT: "70000",
  };

  async function expectListed(env: Env, names: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await netramesh(pod, ["--service-name", "x"], { ...tracing, ...env });
    expect([code, stdout]).toEqual([2, ""]);
    const problems = lines(stderr).filter((line) => !line.includes(" WARN "));
    expect(problems.length).toBe(names.length);
    for (const name of names) expect(stderr).toContain(name);
  }

  test("all at once", async () => {
    await expectListed(bad, Object.keys(bad));
  });

  test.each(Object.entries(bad))("%s alone", async (name, value) => {
    await expectListed({ [name]: value }, [name]);
  });

  test("two equal ports", async () => {
    const ports = { NETRA_PORT: "15000", NETRA_PPROF_PORT: "15000" };
    await expectListed(ports, ["NETRA_PPROF_PORT"]);
  });
});

test("what 0.10 put up with is a warning, and an empty variable is none", async () => {
  const env = {
    NETRA_PORT: "15001",
    NETRA_HTTP_PORTS: "",
    NETRA_HTTP_ROUTING_ENABLED: "yes",
    HTTP_HEADER_TAG_MAP: "nocolon,a:b",
    JAEGER_TAGS: "novalue",
    JAEGER_SAMPLER_TYPE: "",
  };
  const sidecar = new Sidecar(pod, { env });
  await pod.waitForPort(15001);
  for (const name of ["NETRA_HTTP_ROUTING_ENABLED", "HTTP_HEADER_TAG_MAP", "JAEGER_TAGS"]) {
    await sidecar.logged(new RegExp(`WARN .*${name}`));
  }
  expect(sidecar.log).not.toContain("15001 is not");
});

describe("the sidecar's runtime", () => {
  const begun = async (env: Env) => {
    const sidecar = new Sidecar(pod, {
      env: { NETRA_PORT: "15003", NETRA_DRAIN_GRACE_MILLISECONDS: "0", MARK: "a b=c", ...env },
    });
    await pod.waitForPort(15003);
    const read = (file: string) =>
      readFileSync(`/proc/${sidecar.pid}/${file}`, "utf8").split("\0").filter(Boolean);
    const [words, variables, status] = ["cmdline", "environ", "status"].map(read);
    sidecar.signal("SIGTERM");
    expect(await sidecar.exited).toBe(0);
    return {
      words,
      variables: variables!.toSorted(),
      ids: /^Uid:\s+(\d+)/m.exec(status![0]!)![1],
      log: sidecar.log,
    };
  };

  test("begins with its options, as the same process with the same words, user and variables", async () => {
    const { words, variables, ids, log } = await begun({});
    expect(words).toEqual([NETRAMESH, "--service-name", "service"]);
    expect(variables).toEqual([
      "BUN_JSC_heapGrowthFunctionThresholdInMB=0",
      "BUN_JSC_heapGrowthMaxIncrease=0.6",
      "BUN_JSC_maxNumberOfWorklistThreads=1",
      "BUN_JSC_warmUpMarkedBlockCount=0",
      "MARK=a b=c",
      "NETRA_DRAIN_GRACE_MILLISECONDS=0",
      "NETRA_HTTP_PORTS=8080",
      "NETRA_LOG_FORMAT=text",
      "NETRA_PORT=15003",
      "NETRA_PROPAGATORS=jaeger",
    ]);
    expect(ids).toBe("1337");
    expect(log).not.toContain("changes the runtime");
  });

  test("goes on without its options where it may not read its own environment", async () => {
    const dir = mkdtempSync(`${tmpdir()}/netra-e2e-unreadable-`);
    chmodSync(dir, 0o755);
    const binary = `${dir}/netramesh`;
    copyFileSync(join(import.meta.dir, "..", "..", "dist", "netramesh"), binary);
    chmodSync(binary, 0o111);
    const sidecar = pod.spawn([binary, "--service-name", "x"], { ...SIDECAR, env: { NETRA_PORT: "15004" } });
    await pod.waitForPort(15004);
    sidecar.kill("SIGKILL");
    await sidecar.exited;
    rmSync(dir, { recursive: true });
  });

  test("keeps an option that somebody has set, and says so", async () => {
    const { variables, log } = await begun({ BUN_JSC_heapGrowthMaxIncrease: "1" });
    expect(variables.filter((each) => each.startsWith("BUN_"))).toEqual([
      "BUN_JSC_heapGrowthFunctionThresholdInMB=0",
      "BUN_JSC_heapGrowthMaxIncrease=1",
      "BUN_JSC_maxNumberOfWorklistThreads=1",
      "BUN_JSC_warmUpMarkedBlockCount=0",
    ]);
    expect(log).toContain(
      "BUN_JSC_heapGrowthMaxIncrease is set and changes the runtime of this process: unset it",
    );
  });
});

describe("a working directory has no say", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(`${tmpdir()}/netra-e2e-cwd-`);
    writeFileSync(`${dir}/.env`, "JAEGER_SERVICE_NAME=hijacked\nNETRA_PORT=15002\n");
    writeFileSync(`${dir}/bunfig.toml`, 'preload = ["./preload.ts"]\n');
    const proof = JSON.stringify(`${dir}/proof`);
    writeFileSync(`${dir}/preload.ts`, `require("node:fs").writeFileSync(${proof}, "ran");\n`);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test("neither its .env nor a preload in its bunfig.toml is read", async () => {
    const here = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", dir, NETRAMESH];
    const { code, stderr } = await pod.run(here, { env: tracing });
    expect([code, lines(stderr).length]).toEqual([2, 1]);
    expect(stderr).toContain("no service name");
    expect(existsSync(`${dir}/proof`)).toBe(false);
  });
});
