import { afterEach, describe, expect, test } from "bun:test";
import { PortCheck } from "../../src/admin/port-check.ts";
import { PeerServer } from "../proxy/peer.ts";
import { SleepyServer } from "../proxy/sleepy-server.ts";

const LONG_MS = 10_000;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function at(port: number) {
  return { ip: "127.0.0.1", port };
}

describe("a port is", () => {
  test("open where somebody accepts, who sees a connection without a byte", async () => {
    const server = new PeerServer();
    closers.push(() => server.close());
    expect(await new PortCheck().check(at(server.port), LONG_MS)).toBe("open");
    const peer = await (await server.first()).over();
    expect(peer.text).toBe("");
  });

  test("refused where nobody listens", async () => {
    const server = new PeerServer();
    server.close();
    expect(await new PortCheck().check(at(server.port), LONG_MS)).toBe("refused");
  });

  test("silent where nothing is heard in time", async () => {
    const silent = await SleepyServer.start(5000);
    closers.push(() => silent.close());
    expect(await new PortCheck().check(at(silent.port), 50)).toBe("silent");
  });
});

test("an address has at most two dials in the kernel, others are not kept waiting for it", async () => {
  const silent = await SleepyServer.start(5000);
  const server = new PeerServer();
  closers.push(
    () => silent.close(),
    () => server.close(),
  );
  const check = new PortCheck();
  for (let i = 0; i < 2; i++) expect(await check.check(at(silent.port), 10)).toBe("silent");
  expect(await check.check(at(silent.port), LONG_MS)).toBe("silent");
  for (let i = 0; i < 5; i++) expect(await check.check(at(server.port), LONG_MS)).toBe("open");
});
