import { afterEach, describe, expect, test } from "bun:test";
import { probeAgent } from "../../src/check/agent-probe.ts";
import { probeCollector } from "../../src/check/collector-probe.ts";
import { PeerServer } from "../proxy/peer.ts";
import { readEmitBatch } from "../trace/support/thrift-reader.ts";

const LOOPBACK = "127.0.0.1";
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe("an agent", () => {
  test("gets a batch without a span, and is not refused", async () => {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    const agent = await Bun.udpSocket({
      hostname: LOOPBACK,
      socket: { data: (_, datagram) => resolve(datagram) },
    });
    closers.push(() => agent.close());
    const sender = { serviceName: "shop", tags: [] };
    expect(await probeAgent({ ip: LOOPBACK, port: agent.port }, sender)).toBeNull();
    expect(readEmitBatch(await promise)).toMatchObject({ serviceName: "shop", spans: [] });
  });

  test.each([LOOPBACK, "::1"])("that is not there refuses, by %s", async (ip) => {
    const agent = await Bun.udpSocket({ hostname: ip, socket: { data() {} } });
    const { port } = agent;
    agent.close();
    expect(await probeAgent({ ip, port }, { serviceName: "shop", tags: [] })).toContain(
      "nobody listens there",
    );
  });
});

describe("a collector", () => {
  function serve(answer: Response): string {
    const server = Bun.serve({ hostname: LOOPBACK, port: 0, fetch: () => answer });
    closers.push(() => server.stop(true));
    return `http://${LOOPBACK}:${server.port}/v1/traces`;
  }

  test("is reached whatever it answers, and its clock is read", async () => {
    const url = serve(
      new Response(null, { status: 302, headers: { location: "/", date: "Mon, 23 Nov 2026 00:00:00 GMT" } }),
    );
    expect(await probeCollector(url, null, 2000)).toEqual({ status: 302, dateAtMs: Date.UTC(2026, 10, 23) });
  });

  test("with a clock that is none has no clock", async () => {
    const url = serve(new Response(null, { headers: { date: "today" } }));
    expect(await probeCollector(url, null, 2000)).toEqual({ status: 200, dateAtMs: null });
  });

  test("that says nothing is given up", async () => {
    const server = new PeerServer();
    closers.push(() => server.close());
    expect(await probeCollector(`http://${LOOPBACK}:${server.port}/`, null, 100)).toBe(
      "no answer within 100 ms",
    );
  });

  test("that is not there, or speaks something else, has no answer", async () => {
    const gone = new PeerServer();
    gone.close();
    expect(await probeCollector(`http://${LOOPBACK}:${gone.port}/`, null, 2000)).toBe("no connection");
    const other = new PeerServer((peer) => peer.send("SSH-2.0-x\r\n\r\n".repeat(9)));
    closers.push(() => other.close());
    expect(await probeCollector(`http://${LOOPBACK}:${other.port}/?token=secret`, null, 2000)).toBe(
      "Malformed_HTTP_Response",
    );
  });
});
