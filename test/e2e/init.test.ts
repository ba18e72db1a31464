/** `netramesh init` as an init container runs it. What its rules do to connections, test/init knows. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { type Env, NETRAMESH, netramesh, openLab, Sidecar, TEST_TIMEOUT_MS } from "./harness.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let lab: Lab;
let pod: Pod;
beforeAll(() => {
  lab = openLab("init");
  pod = lab.pod("pod");
});
afterAll(() => lab.close());
beforeEach(async () => void (await nft("flush", "ruleset")));

async function nft(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await pod.run(["nft", ...args], { env: { PATH: process.env.PATH! } });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** The rules without their counters. */
function rules(): Promise<string> {
  return nft("-s", "list", "ruleset");
}

test("it puts its table in place, exit code 0, and says what it redirects on stderr", async () => {
  const { code, stdout, stderr } = await netramesh(pod, ["init"]);
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/redirecting to port 14956: inbound all ports, outbound all ports/);
  const table = await rules();
  expect(table.match(/redirect to :14956/g)!.length).toBe(3);
  expect(table).toMatch(/skuid 1337/);
  expect(table).toMatch(/skgid 1337/);
});

test("it ends by itself: nothing listens after it", async () => {
  await netramesh(pod, ["init"]);
  expect((await pod.run([NETRAMESH, "version"])).code).toBe(0);
  const { stdout } = await pod.run(["cat", "/proc/net/tcp", "/proc/net/tcp6"], {
    env: { PATH: process.env.PATH! },
  });
  expect(stdout).not.toContain(":3A6C");
});

test("twice is the same as once, and other tables stay", async () => {
  await nft("add", "table", "inet", "theirs");
  await netramesh(pod, ["init"]);
  const once = await rules();
  expect((await netramesh(pod, ["init"])).code).toBe(0);
  expect((await rules()).split("table").toSorted()).toEqual(once.split("table").toSorted());
});

test("a second run with other variables leaves only their rules", async () => {
  await netramesh(pod, ["init"]);
  await netramesh(pod, ["init"], { INBOUND_INTERCEPT_PORTS: "80,8000-8010", NETRA_SIDECAR_PORT: "15000" });
  const table = await rules();
  expect(table).not.toContain(":14956");
  expect(table).toMatch(/tcp dport 8000-8010 .*redirect to :15000/);
});

test("--dry-run prints rules that nft accepts as the same, and changes nothing", async () => {
  const { code, stdout } = await netramesh(pod, ["init", "--dry-run"]);
  expect(code).toBe(0);
  expect(await rules()).toBe("");
  await netramesh(pod, ["init"]);
  const applied = await rules();
  const load = pod.spawn(["nft", "-f", "-"], { env: { PATH: process.env.PATH! }, stdin: "pipe" });
  const input = load.stdin as Bun.FileSink;
  input.write(stdout);
  await input.end();
  expect(await load.exited).toBe(0);
  expect(await rules()).toBe(applied);
});

test("--dry-run needs no privileges", async () => {
  const { code, stdout } = await pod.run([NETRAMESH, "init", "--dry-run"], {
    uid: 65534,
    gid: 65534,
    caps: [],
  });
  expect(code).toBe(0);
  expect(stdout).toContain("redirect to :14956");
});

test("--dry-run --cleanup prints what would be removed, and removes nothing", async () => {
  await netramesh(pod, ["init"]);
  const before = await rules();
  const { code, stdout } = await netramesh(pod, ["init", "--dry-run", "--cleanup"]);
  expect([code, stdout]).toEqual([0, "table inet netramesh\ndelete table inet netramesh\n"]);
  expect(await rules()).toBe(before);
});

test("--cleanup removes its table only, and is content if there is none", async () => {
  await nft("add", "table", "inet", "theirs");
  const before = await rules();
  await netramesh(pod, ["init"]);
  for (let i = 0; i < 2; i++) {
    expect((await netramesh(pod, ["init", "--cleanup"])).code).toBe(0);
    expect(await rules()).toBe(before);
  }
});

test("--disable redirects nothing new, --check sees it, and init brings it back", async () => {
  const env = { OUTBOUND_SKIP_PORTS: "22,5432" };
  await netramesh(pod, ["init"], env);
  expect((await netramesh(pod, ["init", "--check"], env)).code).toBe(0);
  expect((await netramesh(pod, ["init", "--check"])).code).toBe(1);
  expect((await netramesh(pod, ["init", "--disable"])).code).toBe(0);
  expect((await netramesh(pod, ["init", "--check"], env)).code).toBe(1);
  await netramesh(pod, ["init"], env);
  expect((await netramesh(pod, ["init", "--check"], env)).code).toBe(0);
});

test("--validate proves the rules as the init container would run it", async () => {
  const { code, stderr } = await netramesh(pod, ["init", "--validate"], { NETRA_GUARD_PORT: "1" });
  expect(code).toBe(0);
  expect(stderr).toMatch(/validated: IPv4 .*\n.*validated: IPv6 /);
});

test("--status, --check and --explain answer machines on stdout", async () => {
  await netramesh(pod, ["init"]);
  const answers = ["--status", "--check", "--explain"].map(async (flag) => {
    const { code, stdout } = await netramesh(pod, ["init", flag, "--output", "json"]);
    return [code, Object.keys(JSON.parse(stdout))];
  });
  expect(await Promise.all(answers)).toEqual([
    [0, ["inPlace"]],
    [0, ["equal", "difference"]],
    [0, ["place", "label", "chains"]],
  ]);
});

test("--netns programs another network namespace, and this one not", async () => {
  const other = lab.pod("other");
  const path = `/run/netns/${other.namespace}`;
  const { code } = await pod.run([NETRAMESH, "init", "--netns", path]);
  expect(code).toBe(0);
  expect(await rules()).toBe("");
  expect((await netramesh(other, ["init", "--check"])).code).toBe(0);
});

describe("a sidecar whose user is not exempt finds out at its start, whatever else is left alone:", () => {
  const narrow: Env[] = [
    { OUTBOUND_INTERCEPT_PORTS: "80" },
    { OUTBOUND_SKIP_PORTS: "1-65535" },
    { OUTBOUND_SKIP_CIDRS: "0.0.0.0/0,::/0" },
    { OUTBOUND_SKIP_USER_PORTS: "0-65535/1-65535" },
    { SKIP_INTERFACES: "lo" },
    { NETRA_SKIP_SELF: "true" },
    { NETRA_OUTBOUND_PROBABILITY: "0.000001" },
  ];
  test.each(narrow)("%j", async (env) => {
    await netramesh(pod, ["init"], env);
    const sidecar = new Sidecar(pod, { uid: 4242, gid: 4242 });
    expect(await sidecar.exited).toBe(1);
    expect(sidecar.log).toMatch(/do not exempt uid 4242 gid 4242/);
  });
});

describe("words that do not belong together end with exit code 2, and nothing changes", () => {
  const rows: [words: string, says: RegExp][] = [
    ["--cleanup --disable", /--disable and --cleanup exclude each other/],
    ["--check --status", /--check and --status exclude each other/],
    ["--dry-run --check", /--dry-run does not go with --check/],
    ["--validate --cleanup", /--validate does not go with --cleanup/],
    ["--force --status", /--force does not go with --status/],
    ["--revert-after 60s --cleanup", /--revert-after does not go with --cleanup/],
    ["--output json", /--output needs --check or --status or --explain/],
    ["--output yaml --check", /--output "yaml" is neither text nor json/],
    ["--revert-after soon", /--revert-after "soon" is not a time up to 24h/],
    ["--revert-after 0s", /--revert-after "0s" is not a time/],
    ["--revert-after 25h", /--revert-after "25h" is not a time/],
    ["--netns=", /--netns needs a value/],
    ["--chekc", /did you mean --check\?/],
  ];
  test.each(rows)("init %s", async (words, says) => {
    const { code, stdout, stderr } = await netramesh(pod, ["init", ...words.split(" ")]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(says);
    expect(await rules()).toBe("");
  });
});

describe("without the right to change rules it exits 1 with a hint", () => {
  test.each([
    ["root without capabilities", { caps: [] }],
    ["a user without capabilities", { uid: 1337, gid: 1337, caps: ["net_admin"] }],
  ])("%s", async (_, user) => {
    for (const args of [["init"], ["init", "--cleanup"], ["init", "--check"], ["init", "--status"]]) {
      const { code, stdout, stderr } = await pod.run([NETRAMESH, ...args], user);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/EPERM/);
      expect(stderr).toMatch(/runAsUser: 0.*NET_ADMIN/);
    }
    expect(await rules()).toBe("");
  });
});

test("NETRA_PORT and NETRA_SIDECAR_PORT that differ are a warning", async () => {
  const ports = { NETRA_PORT: "15000", NETRA_SIDECAR_PORT: "15001" };
  const { code, stderr } = await netramesh(pod, ["init"], ports);
  expect(code).toBe(0);
  expect(stderr).toMatch(/WARN .*NETRA_PORT is 15000 but NETRA_SIDECAR_PORT is 15001/);
  expect(await rules()).toContain("redirect to :15001");
});

describe("a value that cannot be meant ends with exit code 2, and nothing changes", () => {
  const bad: Env = {
    NETRA_BACKEND: "ebpf",
    INBOUND_SKIP_PORTS: "0",
    OUTBOUND_SKIP_CIDRS: "10.0.0.1/8",
    SKIP_INTERFACES: "eth/0",
    NETRA_SKIP_SELF: "perhaps",
    NETRA_SIDECAR_PORT: "65536",
    NETRA_SIDECAR_USER_ID: "netra",
    NETRA_SIDECAR_GROUP_ID: "-1",
    INBOUND_INTERCEPT_PORTS: "all",
    OUTBOUND_INTERCEPT_PORTS: "90-80",
    NETRA_INBOUND_PROBABILITY: "1.5",
    NETRA_OUTBOUND_PROBABILITY: "half",
  };

  test.each([...Object.entries(bad).map(([name, value]) => ({ [name]: value })), bad])("%j", async (env) => {
    await netramesh(pod, ["init"]);
    const before = await rules();
    const { code, stdout, stderr } = await netramesh(pod, ["init"], env);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim().split("\n").length).toBe(Object.keys(env).length);
    for (const name of Object.keys(env)) expect(stderr).toContain(name);
    expect(await rules()).toBe(before);
  });
});
