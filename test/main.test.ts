/** What a process sees of the program: exit codes, and which stream says what. */
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };

const MAIN = [process.execPath, join(import.meta.dir, "..", "src", "main.ts")];
/** No name is looked up, no span is sent. */
const OFFLINE = { JAEGER_DISABLED: "true" };

type Env = Record<string, string>;

/** These tests read the log as people do. */
const TEXT: Env = { NETRA_LOG_FORMAT: "text" };

interface Outcome {
  code: number;
  out: string;
  err: string;
}

async function outcome(command: string[], env: Env = {}): Promise<Outcome> {
  const child = Bun.spawn(command, {
    env: { ...TEXT, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, out, err] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { code, out, err };
}

const netramesh = (argv: readonly string[], env?: Env) => outcome([...MAIN, ...argv], env);

/** With its output going where the shell says. */
const inShell = (argv: readonly string[], redirect: string, env?: Env) =>
  outcome(["sh", "-c", `"$@" ${redirect}`, "sh", ...MAIN, ...argv], { PATH: "/usr/bin:/bin", ...env });

describe("what was asked for goes to stdout, and nothing else goes anywhere", () => {
  const rows: [string[], string][] = [
    [["version"], `${manifest.version}\n`],
    [["init", "--dry-run"], "table inet netramesh\ndelete table inet netramesh\ntable inet netramesh {\n"],
    [["init", "--dry-run", "--cleanup"], "table inet netramesh\ndelete table inet netramesh\n"],
    [["--help"], "Ultra-light service-mesh sidecar"],
    [["-h"], "Ultra-light service-mesh sidecar"],
    [["init", "--help"], "Redirect this network namespace's TCP connections to the sidecar"],
    [["version", "--help"], "Print the version"],
  ];
  test.each(rows)("%j", async (argv, start) => {
    const { code, out, err } = await netramesh(argv);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toStartWith(start);
  });

  test("without colours where it is no terminal", async () => {
    const { out } = await netramesh(["--help"]);
    expect(out).toBe(Bun.stripANSI(out));
    expect(out).toContain("--service-name");
    expect(out).toContain("init");
  });

  test("in full, however slowly it is read", async () => {
    const ports = Array.from({ length: 8000 }, (_, i) => 2 * i + 1).join();
    const env = { INBOUND_INTERCEPT_PORTS: ports, OUTBOUND_INTERCEPT_PORTS: ports };
    const { out: whole } = await netramesh(["init", "--dry-run"], env);
    const { out } = await inShell(["init", "--dry-run"], "| { sleep 0.2; cat; }", env);
    expect(whole.length).toBeGreaterThan(65_536);
    expect(out).toBe(whole);
  });

  test("and where it cannot go, that is said", async () => {
    const { code, err } = await inShell(["version"], "> /dev/full");
    expect({ code, lines: err.split("\n") }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^netramesh: ENOSPC/), ""],
    });
  });
});

describe("a wrong command line is one plain line and code 2", () => {
  test.each([
    [["inti"], 'unknown command "inti", did you mean init?'],
    [["--service-nme", "x"], 'unknown option "--service-nme", did you mean --service-name?'],
    [["init", "--cleanpu"], 'unknown option "--cleanpu", did you mean --cleanup?'],
    [["--service-name"], "--service-name needs a value"],
    [["--service-name", "x", "init"], 'unexpected argument "init": a command comes first'],
  ])("%j", async (argv, message) => {
    const err = `netramesh: ${message} (netramesh --help lists what there is)\n`;
    expect(await netramesh(argv)).toEqual({ code: 2, out: "", err });
  });
});

describe("a wrong configuration is code 2 and names everything that is wrong", () => {
  test("of the sidecar", async () => {
    const env = { ...OFFLINE, NETRA_PORT: "x", NETRA_HTTP_PORTS: "y", JAEGER_AGENT_PORT: "z" };
    const { code, out, err } = await netramesh(["--service-name", "x"], env);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.match(/FATAL \w+/g)).toEqual([
      "FATAL NETRA_PORT",
      "FATAL NETRA_HTTP_PORTS",
      "FATAL JAEGER_AGENT_PORT",
    ]);
  });

  test("of the sidecar without a name", async () => {
    const { code, out, err } = await netramesh([], OFFLINE);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/FATAL no service name: give --service-name NAME.*\n$/);
  });

  test("of the sidecar even where only fatal lines are wanted", async () => {
    const { code, err } = await netramesh([], { NETRA_LOGGER_LEVEL: "fatal", NETRA_PORT: "x" });
    expect({ code, fatal: err.match(/FATAL/g)?.length }).toEqual({ code: 2, fatal: 2 });
  });

  test("of init", async () => {
    const env = { NETRA_SIDECAR_PORT: "x", NETRA_INBOUND_PROBABILITY: "2" };
    const { code, out, err } = await netramesh(["init", "--dry-run"], env);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.match(/NETRA_\w+/g)).toEqual(["NETRA_SIDECAR_PORT", "NETRA_INBOUND_PROBABILITY"]);
  });
});

describe("the sidecar", () => {
  const occupied = Bun.listen({ hostname: "::", port: 0, socket: { data() {} } });
  afterAll(() => occupied.stop(true));

  test("cannot start where another process listens: code 1, naming the variable", async () => {
    const { code, out, err } = await netramesh(["--service-name", "x"], {
      ...OFFLINE,
      NETRA_PORT: `${occupied.port}`,
    });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(
      new RegExp(`FATAL NETRA_PORT=${occupied.port}: cannot listen .*another process listens there\n$`),
    );
  });

  /** Starts it on a free port, sends `signals` one by one, each when the log says what is before it. */
  async function signalled(env: Env, signals: [after: string, signal: NodeJS.Signals][]): Promise<Outcome> {
    const free = Bun.listen({ hostname: "::", port: 0, socket: { data() {} } });
    const NETRA_PORT = `${free.port}`;
    free.stop(true);
    const child = Bun.spawn([...MAIN, "--service-name", "x"], {
      env: { ...TEXT, ...OFFLINE, NETRA_PORT, ...env },
      stdout: "pipe",
      stderr: "pipe",
    });
    let err = "";
    const decoder = new TextDecoder();
    for await (const bytes of child.stderr) {
      err += decoder.decode(bytes, { stream: true });
      while (signals[0] && err.includes(signals[0][0])) child.kill(signals.shift()![1]);
    }
    return { code: await child.exited, out: await child.stdout.text(), err };
  }

  test.each(["SIGTERM", "SIGINT"] as const)("drains on %s, and that is code 0", async (signal) => {
    const { code, out, err } = await signalled({ NETRA_DRAIN_GRACE_MILLISECONDS: "0" }, [
      ["listens on", signal],
    ]);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toMatch(
      new RegExp(`${signal}: draining, at most 25000 ms\n.*connections: .*; spans: none\n.*done\n$`),
    );
  });

  test("goes on after SIGHUP", async () => {
    const { code, err } = await signalled({ NETRA_DRAIN_GRACE_MILLISECONDS: "0" }, [
      ["listens on", "SIGHUP"],
      ["listens on", "SIGTERM"],
    ]);
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/SIGTERM: draining.*\n(.*\n)*.*done\n$/),
    });
  });

  test("ends at once on the second signal, and more do not harm", async () => {
    const { code, err } = await signalled(
      { NETRA_DRAIN_GRACE_MILLISECONDS: "600000", NETRA_DRAIN_TIMEOUT_MILLISECONDS: "600000" },
      [
        ["listens on", "SIGTERM"],
        ["draining", "SIGTERM"],
        ["draining", "SIGINT"],
      ],
    );
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/done\n$/) });
  });

  test("outlives its bugs, and says them", async () => {
    const BUN_OPTIONS = `--preload=${join(import.meta.dir, "bugs-on-signal.ts")}`;
    const { code, err } = await signalled({ BUN_OPTIONS, NETRA_DRAIN_GRACE_MILLISECONDS: "0" }, [
      ["listens on", "SIGUSR2"],
      ["Error: rejected", "SIGTERM"],
    ]);
    expect(err.match(/ERROR internal error, going on: Error: \w+/g)?.toSorted()).toEqual([
      "ERROR internal error, going on: Error: rejected",
      "ERROR internal error, going on: Error: thrown",
    ]);
    expect(code).toBe(0);
  });

  test("says that an instruction to its runtime does not belong into its environment", async () => {
    const { err } = await netramesh([], { ...OFFLINE, BUN_OPTIONS: "--smol" });
    expect(err).toMatch(/WARN {2}BUN_OPTIONS is set and changes the runtime of this process: unset it\n/);
  });
});
