/** `netramesh init` on a host, by somebody who may lose the terminal over it. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { ipBatch } from "../../examples/lab/ip.ts";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { eventually, NETRAMESH, netramesh, openLab } from "./harness.ts";

setDefaultTimeout(60_000);

/** Long enough to look at the rules before they go. */
const DELAY = "4s";
const PATIENCE_MS = 20_000;
const PATH = { PATH: process.env.PATH! };

let lab: Lab;
let host: Pod;
beforeAll(() => {
  lab = openLab("init-host");
  host = lab.pod("host");
  ipBatch(["link add docker0 type bridge"], host.namespace);
});
afterAll(() => lab.close());
beforeEach(async () => void (await netramesh(host, ["init", "--cleanup"])));

interface Rules {
  readonly mark: string | null;
}

async function rules(): Promise<Rules | null> {
  const { stdout } = await netramesh(host, ["init", "--status", "--output", "json"]);
  return JSON.parse(stdout).inPlace[0] ?? null;
}

/** The process that has this word in its command line and runs in the host's network namespace. */
function findProcess(word: string): string | undefined {
  const pids = Bun.spawnSync(["ip", "netns", "pids", host.namespace]).stdout.toString().split("\n");
  return pids.filter(Boolean).find((pid) => readProc(pid, "cmdline").includes(word));
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function hasEnded(word: string): Promise<void> {
  return eventually(
    () => findProcess(word) === undefined,
    () => `${word} still runs`,
    PATIENCE_MS,
  );
}

async function rulesAreGone(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while ((await rules()) !== null) {
    if (performance.now() > deadline) throw new Error("nobody removes the rules");
    await Bun.sleep(50);
  }
}

test("it refuses with exit code 2, says why, and changes nothing", async () => {
  const { code, stdout, stderr } = await netramesh(host, ["init"]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/looks like a host's.*docker0/);
  expect(await rules()).toBeNull();
});

test("forced with a time limit, it says when the rules go, and they go", async () => {
  const { code, stderr } = await netramesh(host, ["init", "--force", "--revert-after", DELAY]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/WARN .*removed again at \d{4}-.*Z unless confirmed: netramesh init --confirm/);
  await rulesAreGone();
});

test("they go even if making them takes longer than they may stay", async () => {
  const { code } = await netramesh(host, ["init", "--force", "--revert-after", "1ms"]);
  expect(code).toBe(0);
  await rulesAreGone();
});

test("who will remove them has a session of its own and catches SIGHUP", async () => {
  await netramesh(host, ["init", "--force", "--revert-after", DELAY]);
  const pid = findProcess((await rules())!.mark!)!;
  const [, , , session] = readProc(pid, "stat").split(") ")[1]!.split(" ");
  const [, caught] = /^SigCgt:\t([0-9a-f]+)$/m.exec(readProc(pid, "status"))!;
  const SIGHUP_BIT = 1n;
  expect([session, BigInt(`0x${caught}`) & SIGHUP_BIT]).toEqual([pid, SIGHUP_BIT]);
});

test("confirmed rules stay, and who would have removed them ends", async () => {
  await netramesh(host, ["init", "--force", "--revert-after", DELAY]);
  const { mark } = (await rules())!;
  expect((await netramesh(host, ["init", "--confirm"])).code).toBe(0);
  await hasEnded(mark!);
  expect(await rules()).toMatchObject({ mark: null });
});

test("the rules go although the terminal they were made from is killed", async () => {
  const inTerminal = `${NETRAMESH} init --force --revert-after ${DELAY}; sleep 1000`;
  const terminal = host.spawn(["script", "--quiet", "--command", inTerminal, "/dev/null"], {
    env: { ...PATH, SHELL: "/bin/sh" },
  });
  const deadline = performance.now() + PATIENCE_MS;
  while ((await rules()) === null && performance.now() < deadline) await Bun.sleep(20);
  const { mark } = (await rules())!;
  terminal.kill("SIGKILL");
  await terminal.exited;
  await hasEnded("sleep");
  expect(findProcess(mark!)).toBeDefined();
  await rulesAreGone();
});

test("rules that do not pass their validation go too", async () => {
  const thief =
    "table ip t { chain c { type nat hook output priority -150; tcp dport 80 redirect to :9; }; }";
  await host.run(["nft", thief], { env: PATH });
  const words = ["init", "--force", "--validate", "--revert-after", DELAY];
  const { code, stderr } = await netramesh(host, words);
  await host.run(["nft", "delete table ip t"], { env: PATH });
  expect(code).toBe(1);
  expect(stderr).toMatch(/IPv4 is not redirected.*\n(.*\n)*.*these rules are removed again at/);
  expect(await rules()).not.toBeNull();
  await rulesAreGone();
});

test("rules that could not be made leave nobody behind to remove them", async () => {
  const { code } = await netramesh(host, ["init", "--revert-after", DELAY]);
  expect(code).toBe(2);
  await hasEnded("--revert");
  const broken = await netramesh(host, ["init", "--force", "--revert-after", DELAY], { NETRA_PORT: "0" });
  expect(broken.code).toBe(2);
  await hasEnded("--revert");
});

test("a dry run leaves nobody behind either", async () => {
  const { code, stdout } = await netramesh(host, ["init", "--dry-run", "--revert-after", DELAY]);
  expect(code).toBe(0);
  expect(stdout).toContain("tcp dport 22 return");
  await hasEnded("--revert");
});
