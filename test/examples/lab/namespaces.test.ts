import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { listNamespaces } from "../../../examples/lab/ip.ts";
import { Lab, leftBehind, SHARED } from "../../../examples/lab/namespaces.ts";

const REPOSITORY = resolve(import.meta.dir, "../../..");
const BUN = `${SHARED}/node_modules/.bin/bun`;
const SERVER = `Bun.serve({ hostname: "::", port: 8080, fetch: () => new Response("user " + process.getuid()) })`;

const lab = Lab.create("labtest", { share: REPOSITORY });
afterAll(() => lab.close());
const near = lab.pod("near");
const far = lab.pod("far");

test("pods reach each other over both families, as the users they run as", async () => {
  far.spawn([BUN, "-e", SERVER], { uid: 4242, gid: 4242, stderr: "inherit" });
  await far.waitForPort(8080);
  const ask = `for (const host of ["${far.ip4}", "[${far.ip6}]"])
    console.log(process.getuid(), await (await fetch("http://" + host + ":8080")).text())`;
  expect(await near.run([BUN, "-e", ask], { uid: 65534, gid: 65534 })).toEqual({
    code: 0,
    stdout: "65534 user 4242\n65534 user 4242\n",
    stderr: "",
  });
});

test("a process gets the environment it is given and nothing else", async () => {
  const { stdout } = await near.run(["/usr/bin/env"], { env: { NETRA_PORT: "1" } });
  expect(stdout).toBe("NETRA_PORT=1\n");
});

test("root with few capabilities has these and no others", async () => {
  const { stdout } = await near.run(["/bin/grep", "CapEff", "/proc/self/status"], { caps: ["net_admin"] });
  expect(Number.parseInt(stdout.split("\t")[1]!, 16)).toBe(1 << 12);
});

test("a command's exit code and both outputs come back", async () => {
  expect(await near.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("second addresses and kernel parameters belong to one pod", async () => {
  near.addIp("198.18.9.9");
  near.addIp("fd00::99");
  near.sysctl("net.ipv4.tcp_syn_retries", 2);
  const look = ["/bin/sh", "-c", "ip -brief address show eth0; cat /proc/sys/net/ipv4/tcp_syn_retries"];
  const { stdout } = await near.run(look);
  expect(stdout).toContain(" 198.18.9.9/32 ");
  expect(stdout).toContain(" fd00::99/128 ");
  expect(stdout).toEndWith("\n2\n");
  expect((await far.run(look)).stdout).not.toContain("198.18.9.9");
});

test("a failing command of ip or the kernel throws with its words", () => {
  expect(() => near.addIp("198.18.0.999")).toThrow("198.18.0.999");
  expect(() => near.sysctl("net.ipv4.no_such_thing", 1)).toThrow("net.ipv4.no_such_thing");
});

test("waiting for a port that nobody opens ends with a clear error", async () => {
  await expect(near.waitForPort(81, 30)).rejects.toThrow(/nothing listens on tcp port 81 in labtest-.*-near/);
});

test("closing kills what runs and leaves no namespace, however often", async () => {
  const own = Lab.create("labtest");
  const pod = own.pod("brief");
  const child = pod.spawn(["/bin/sh", "-c", "sleep 1000 & sleep 1000"]);
  expect(listNamespaces()).toContain(pod.namespace);
  own.close();
  own.close();
  expect(await child.exited).toBe(137);
  expect(listNamespaces()).not.toContain(pod.namespace);
});

test("what runs in a killed lab dies with it, and its namespaces go when the next of its name comes", async () => {
  const script = `import { Lab } from "${REPOSITORY}/examples/lab/namespaces.ts";
    const pod = Lab.create("labcrash").pod("left");
    const { pid } = pod.spawn(["/bin/sh", "-c", "echo started; exec sleep 1000"], { stdout: "inherit" });
    console.log(pod.namespace, pid); setInterval(() => {}, 1000)`;
  const crashing = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const said = await firstLines(crashing.stdout, 2);
  const [, namespace, pid] = /^(labcrash\S+) (\d+)$/m.exec(said)!;
  crashing.kill("SIGKILL");
  await crashing.exited;
  while (existsSync(`/proc/${pid}`)) await Bun.sleep(5);
  expect(listNamespaces()).toContain(namespace!);
  Lab.create("labcrash").close();
  expect(listNamespaces()).not.toContain(namespace!);
});

/** The start of an output, as far as its first `count` lines. */
async function firstLines(output: ReadableStream<Uint8Array>, count: number): Promise<string> {
  const reader = output.getReader();
  let text = "";
  while (text.split("\n").length <= count) text += Buffer.from((await reader.read()).value!).toString();
  return text;
}

test("an interrupted lab cleans up and exits as a shell expects", async () => {
  const script = `import { Lab } from "${REPOSITORY}/examples/lab/namespaces.ts";
    const lab = Lab.create("labint"); lab.pod("left").spawn(["/bin/sleep", "1000"]);
    console.log("ready"); setInterval(() => {}, 1000)`;
  const interrupted = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  await firstLines(interrupted.stdout, 1);
  interrupted.kill("SIGINT");
  expect(await interrupted.exited).toBe(130);
  expect(listNamespaces().filter((name) => name.startsWith("labint-"))).toEqual([]);
});

const NAMES = [
  "demo-10-1-front",
  "demo-11-1-front",
  "demo-10-2-cart",
  "demo-x-1-a",
  "demonstration-10-1-a",
  "other",
];

test("only namespaces of a dead lab with this prefix count as left behind", () => {
  expect(leftBehind("demo", NAMES, (pid) => pid === 11)).toEqual(["demo-10-1-front", "demo-10-2-cart"]);
});
