import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Socket } from "bun";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { originalDst } from "../../ffi/original-dst.ts";
import { inNamespace } from "./namespace.ts";

const REDIRECTED = "14956";
const RULES = `table inet t {
  chain output { type nat hook output priority -101; ip daddr 127.0.0.0/8 return; ip6 daddr ::1 return; meta l4proto tcp redirect to :${REDIRECTED}; }
}`;

let lab: Lab;
let pod: Pod;
const accepted: Socket[] = [];
const stops: (() => void)[] = [];

beforeAll(() => {
  lab = Lab.create("netra-orig");
  pod = lab.pod("pod");
  listen(Number(REDIRECTED));
});

afterAll(() => {
  for (const stop of stops) stop();
  lab.close();
});

function listen(port: number): void {
  const socket = { open: (s: Socket) => void accepted.push(s), data() {}, error() {} };
  const listener = inNamespace(pod.namespace, () => Bun.listen({ hostname: "::", port, socket }));
  stops.push(() => listener.stop(true));
}

/** The accepted end of a new connection to `hostname`. */
async function accept(hostname: string, port: number): Promise<number> {
  const before = accepted.length;
  const socket = { data() {}, error() {}, connectError() {} };
  const client = await inNamespace(pod.namespace, () => Bun.connect({ hostname, port, socket }));
  stops.push(() => client.terminate());
  while (accepted.length === before) await Bun.sleep(1);
  return (accepted.at(-1) as unknown as { fd: number }).fd;
}

describe("originalDst", () => {
  test("is null where no NAT rule is loaded", async () => {
    expect(originalDst(await accept(pod.ip4, Number(REDIRECTED)), 4)).toBeNull();
    expect(originalDst(await accept(pod.ip6, Number(REDIRECTED)), 6)).toBeNull();
  });

  test("is null for a descriptor that is no socket, or none at all", () => {
    expect(originalDst(0, 4)).toBeNull();
    expect(originalDst(-1, 6)).toBeNull();
  });

  describe("behind a redirect", () => {
    beforeAll(() => {
      const loaded = inNamespace(pod.namespace, () =>
        Bun.spawnSync(["nft", "-f", "-"], { stdin: Buffer.from(RULES) }),
      );
      expect(loaded.stderr.toString()).toBe("");
    });

    test("is where an IPv4 client wanted to go, although the listener is IPv6", async () => {
      const fd = await accept(pod.ip4, 80);
      expect(originalDst(fd, 4)).toEqual({ ip: pod.ip4, port: 80 });
      expect(originalDst(fd, 6)).toBeNull();
    });

    test("is where an IPv6 client wanted to go", async () => {
      const fd = await accept(pod.ip6, 8080);
      expect(originalDst(fd, 6)).toEqual({ ip: pod.ip6, port: 8080 });
      expect(originalDst(fd, 4)).toBeNull();
    });

    test("is the connection's own address if it was not redirected", async () => {
      expect(originalDst(await accept("127.0.0.1", Number(REDIRECTED)), 4)).toEqual({
        ip: "127.0.0.1",
        port: Number(REDIRECTED),
      });
    });

    // A cached pointer to a small typed array goes stale after some hundred calls: the call succeeds and the
    // bytes read are those of an earlier connection.
    test("is never an earlier answer, in thousands of calls for alternating connections", async () => {
      const asked: { fd: number; family: 4 | 6; expected: string }[] = [];
      for (let port = 8000; port < 8008; port++) {
        asked.push({ fd: await accept(pod.ip4, port), family: 4, expected: `${pod.ip4} ${port}` });
        asked.push({ fd: await accept(pod.ip6, port), family: 6, expected: `${pod.ip6} ${port}` });
      }
      let wrong = 0;
      for (let i = 0; i < 20_000; i++) {
        const { fd, family, expected } = asked[i % asked.length]!;
        const got = originalDst(fd, family);
        if (`${got?.ip} ${got?.port}` !== expected) wrong++;
        if (i % 5_000 === 0) Bun.gc(true);
      }
      expect(wrong).toBe(0);
    });
  });
});
