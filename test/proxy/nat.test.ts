import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { relative } from "node:path";
import { Lab, SHARED } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { ProxyCounters } from "../../src/proxy/listener.ts";
import { PROBE_PORT, PROXY_PORT } from "./nat-roles.ts";

const ROOT = `${import.meta.dir}/../..`;
const BUN = `${SHARED}/${relative(ROOT, process.execPath)}`;
const ROLES = `${SHARED}/test/proxy/nat-roles.ts`;
const NFT = Bun.which("nft", { PATH: `${process.env.PATH}:/usr/sbin:/sbin` }) ?? "nft";
const APP = { uid: 1000, gid: 1000 };
const APP_PORT = 8080;
const SILENT_PORT = 8081;

const RULES = `table inet netramesh {
  chain prerouting { type nat hook prerouting priority -101;
    tcp dport { ${PROXY_PORT}, ${PROBE_PORT} } return
    meta l4proto tcp redirect to :${PROXY_PORT}
  }
  chain output { type nat hook output priority -101;
    meta skuid 1337 return
    meta skgid 1337 return
    ip daddr 127.0.0.0/8 return
    ip6 daddr ::1 return
    meta l4proto tcp redirect to :${PROXY_PORT}
  }
}`;

interface State {
  readonly counters: ProxyCounters;
  readonly open: number;
  readonly lines: string[];
  readonly fds: number;
}

/** The proxy of a pod, in a process of its own. */
class PodProxy {
  private readonly child: Bun.Subprocess<"pipe", "pipe">;
  private readonly output: AsyncIterator<Uint8Array>;

  constructor(pod: Pod, uid: number, maxConnections = 1000, connectTimeoutMs = 0) {
    const command = [BUN, ROLES, "proxy", String(maxConnections), String(connectTimeoutMs)];
    this.child = pod.spawn(command, { uid, gid: uid, stdin: "pipe" }) as Bun.Subprocess<"pipe", "pipe">;
    this.output = this.child.stdout[Symbol.asyncIterator]();
  }

  async line<T>(): Promise<T> {
    return JSON.parse(new TextDecoder().decode((await this.output.next()).value));
  }

  state(): Promise<State> {
    this.child.stdin.write("state\n");
    this.child.stdin.flush();
    return this.line();
  }
}

interface Outcome {
  readonly ending: "open" | "fin" | "rst";
  readonly text: string;
}

async function ask(from: Pod, ip: string, port = APP_PORT): Promise<Outcome> {
  return JSON.parse((await from.run([BUN, ROLES, "client", ip, String(port)], APP)).stdout);
}

async function serve(pod: Pod, delayMs: number): Promise<void> {
  pod.spawn([BUN, ROLES, "server", String(APP_PORT), String(delayMs)], APP);
  await pod.waitForPort(APP_PORT);
}

let lab: Lab;
let pod: Pod;
let remote: Pod;
beforeEach(() => {
  lab = Lab.create("proxy-nat", { share: ROOT });
  pod = lab.pod("pod");
  remote = lab.pod("remote");
});
afterEach(() => lab.close());

async function redirect(): Promise<void> {
  const { stderr } = await pod.run([NFT, RULES]);
  expect(stderr).toBe("");
}

describe("a proxy whose user the rules exempt", () => {
  test("proves it, and delivers answers that come 9 s after the client's FIN though conntrack forgets in 3 s", async () => {
    await redirect();
    for (const state of ["close_wait", "fin_wait"]) {
      pod.sysctl(`net.netfilter.nf_conntrack_tcp_timeout_${state}`, 3);
    }
    const proxy = new PodProxy(pod, 1337);
    expect(await proxy.line<string>()).toBe("proved");
    await Promise.all([serve(pod, 9000), serve(remote, 9000)]);
    const outcomes: Outcome[] = await Promise.all([
      ask(pod, remote.ip4),
      ask(pod, remote.ip6),
      ask(remote, pod.ip4),
      ask(remote, pod.ip6),
      ask(pod, pod.ip4),
    ]);
    expect(outcomes).toEqual(Array(5).fill({ ending: "fin", text: "answer" }));
    const { counters, open } = await proxy.state();
    expect([counters.closed.ended, open]).toEqual([5, 0]);
  }, 30_000);

  test("resets connections to its own port and dials nothing for them", async () => {
    await redirect();
    const proxy = new PodProxy(pod, 1337);
    await proxy.line();
    const outcomes = await Promise.all([
      ask(remote, pod.ip4, PROXY_PORT),
      ask(remote, pod.ip6, PROXY_PORT),
      ask(pod, pod.ip4, PROXY_PORT),
      ask(pod, pod.ip6, PROXY_PORT),
      ask(pod, "127.0.0.1", PROXY_PORT),
    ]);
    expect(outcomes.map(({ ending }) => ending)).toEqual(Array(5).fill("rst"));
    const { counters } = await proxy.state();
    expect([counters.refused.direct, counters.accepted]).toEqual([5, 6]); // one more to prove the exemption
  }, 30_000);
});

test("dials given up on leave nothing behind: no file, and no place of another connection", async () => {
  await redirect();
  const drop = `table inet silent { chain input { type filter hook input priority 0; tcp dport ${SILENT_PORT} drop; }; }`;
  expect((await remote.run([NFT, drop])).stderr).toBe("");
  const proxy = new PodProxy(pod, 1337, 4, 100);
  expect(await proxy.line<string>()).toBe("proved");
  const before = await proxy.state();
  for (let dial = 1; dial <= 9; dial++) expect((await ask(pod, remote.ip4, SILENT_PORT)).ending).toBe("rst");
  const { counters, fds } = await proxy.state();
  expect([counters.closed["connect-failed"], counters.refused["over-limit"], fds]).toEqual([
    9,
    0,
    before.fds,
  ]);
}, 30_000);

test("a proxy whose user the rules do not exempt finds out, and breaks each loop after two accepts", async () => {
  await redirect();
  const proxy = new PodProxy(pod, 4242);
  expect(await proxy.line<string>()).toBe("intercepted");
  const before = await proxy.state();
  await serve(remote, 0);
  expect((await ask(pod, remote.ip4)).ending).toBe("rst");
  const after = await proxy.state();
  expect(after.counters.accepted - before.counters.accepted).toBeLessThanOrEqual(4);
  expect([after.open, after.fds]).toEqual([0, before.fds]);
  expect(after.lines).toEqual([expect.stringMatching(/^error: .*redirected back.*uid 4242 or gid 4242/)]);
}, 30_000);

test("without rules nothing is proved, and a direct connection is reset", async () => {
  const proxy = new PodProxy(pod, 1337);
  expect(await proxy.line<string>()).toBe("unproved");
  expect((await ask(remote, pod.ip4, PROXY_PORT)).ending).toBe("rst");
  expect((await proxy.state()).counters.refused["no-original-destination"]).toBe(1);
}, 30_000);
