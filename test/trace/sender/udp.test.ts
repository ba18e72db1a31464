import { afterEach, describe, expect, test } from "bun:test";
import type { Address } from "../../../src/address.ts";
import { UdpSender } from "../../../src/trace/sender/udp.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { FakeTime } from "../support/fakes.ts";

const PACKET = Buffer.from("packet");
const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** A real socket on loopback that remembers what it received. */
async function agentOn(ip: string, port = 0) {
  const received: string[] = [];
  const socket = await Bun.udpSocket({
    hostname: ip,
    port,
    socket: { data: (_socket, data) => void received.push(data.toString()) },
  });
  opened.push(socket);
  return { socket, received };
}

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const { socket } = await agentOn("127.0.0.1");
  const { port } = socket;
  socket.close();
  return port;
}

const nobody = async (): Promise<Address[]> => [];

function senderTo(
  host: string,
  port: number,
  resolve: (host: string) => Promise<Address[]> = nobody,
  reconnect = true,
) {
  const time = new FakeTime();
  const log = new MemoryLog();
  const agent = { host, port, reconnect, reconnectIntervalMs: 30_000 };
  const sender = new UdpSender({ agent, resolve, log, nowMs: time.now });
  opened.push(sender);
  return { time, log, sender };
}

/** Real sockets deliver when they deliver. */
async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 4000; !condition() && Date.now() < deadline; ) await Bun.sleep(2);
  expect(condition()).toBe(true);
}

const resolvesTo = (ip: string) => async () => [{ ip, port: 0 }];

describe("datagrams reach an agent", () => {
  test.each(["127.0.0.1", "::1"])("at the address %s, which is not looked up", async (ip) => {
    const { socket, received } = await agentOn(ip);
    const { sender } = senderTo(ip, socket.port, () => Promise.reject(new Error("looked up")));
    sender.start();
    await sender.ready(4000);
    expect(sender.send(PACKET)).toBe(true);
    await until(() => received.length === 1);
  });

  test("that has a name", async () => {
    const { socket, received } = await agentOn("127.0.0.1");
    const { sender, log } = senderTo("agent.test", socket.port, resolvesTo("127.0.0.1"));
    sender.start();
    await sender.ready(4000);
    expect(sender.send(PACKET)).toBe(true);
    await until(() => received.length === 1);
    expect(log.lines).toEqual([`info: Spans go to the Jaeger agent at 127.0.0.1:${socket.port} (UDP)`]);
  });

  test("of the largest size we make, 65000 bytes", async () => {
    const { socket, received } = await agentOn("127.0.0.1");
    const { sender } = senderTo("127.0.0.1", socket.port);
    sender.start();
    await sender.ready(4000);
    expect(sender.send(Buffer.alloc(65_000, "x"))).toBe(true);
    await until(() => received[0]?.length === 65_000);
  });

  test("that appears later at the same address", async () => {
    const port = await deadPort();
    const { sender, log } = senderTo("127.0.0.1", port);
    sender.start();
    await sender.ready(4000);
    sender.send(PACKET);
    await until(() => log.lines.some((line) => line.includes("ECONNREFUSED") || line.includes("refused")));
    const { received } = await agentOn("127.0.0.1", port);
    sender.send(PACKET);
    await until(() => received.length === 1);
  });

  test("whose name is known only later", async () => {
    const { socket, received } = await agentOn("127.0.0.1");
    let known = false;
    const resolve = () =>
      known ? resolvesTo("127.0.0.1")() : Promise.reject(new Error("ENOTFOUND agent.test"));
    const { sender, time, log } = senderTo("agent.test", socket.port, resolve);
    sender.start();
    await sender.ready(4000);
    expect(sender.send(PACKET)).toBe(false);
    known = true;
    time.advance(5000);
    expect(sender.send(PACKET)).toBe(false);
    await sender.ready(4000);
    expect(sender.send(PACKET)).toBe(true);
    await until(() => received.length === 1);
    expect(log.lines.filter((line) => line.startsWith("warn")).length).toBe(1);
  });

  test("that moves to another address, at the next reconnect interval", async () => {
    const before = await agentOn("127.0.0.1");
    const after = await agentOn("127.0.0.2", before.socket.port);
    let ip = "127.0.0.1";
    const { sender, time } = senderTo("agent.test", before.socket.port, () => resolvesTo(ip)());
    sender.start();
    await sender.ready(4000);
    ip = "127.0.0.2";
    time.advance(29_999);
    sender.send(PACKET);
    await until(() => before.received.length === 1);
    time.advance(1);
    sender.send(PACKET);
    await sender.ready(4000);
    sender.send(PACKET);
    await until(() => after.received.length === 1);
    expect(before.received.length).toBe(2);
  });
});

describe("an agent that cannot be reached", () => {
  test("because its port is dead costs one line, however much is sent", async () => {
    const { sender, log } = senderTo("127.0.0.1", await deadPort());
    sender.start();
    await sender.ready(4000);
    for (let i = 0; i < 50; i++) {
      sender.send(PACKET);
      await Bun.sleep(0);
    }
    await until(() => log.lines.length === 2);
    expect(log.lines[1]).toContain("Spans are lost");
  });

  test.each([
    ["its name is unknown", () => Promise.reject(new Error("ENOTFOUND agent.test")), "ENOTFOUND"],
    ["its name has no address", nobody, "has no address"],
    ["its name has an address that is none", resolvesTo("not an address"), "agent.test"],
  ])("because %s loses spans, with one line that says why", async (_label, resolve, why) => {
    const { sender, log } = senderTo("agent.test", 6831, resolve);
    sender.start();
    await sender.ready(4000);
    for (let i = 0; i < 10; i++) expect(sender.send(PACKET)).toBe(false);
    expect(log.lines.length).toBe(1);
    expect(log.lines[0]).toContain(why);
  });

  test("because resolving takes for ever never blocks, not even at the end", async () => {
    const { sender } = senderTo("agent.test", 6831, () => new Promise(() => {}));
    sender.start();
    expect(sender.send(PACKET)).toBe(false);
    await sender.ready(5);
    expect(sender.send(PACKET)).toBe(false);
  });

  test("because the kernel will not connect to it loses spans without an exception", async () => {
    const { sender, log } = senderTo("255.255.255.255", 6831);
    sender.start();
    await sender.ready(4000);
    expect(sender.send(PACKET)).toBe(false);
    expect(log.lines.length).toBe(1);
  });
});

describe("looking up the agent", () => {
  test("happens once when reconnecting is disabled", async () => {
    let lookups = 0;
    const resolve = () => {
      lookups++;
      return Promise.reject(new Error("ENOTFOUND"));
    };
    const { sender, time } = senderTo("agent.test", 6831, resolve, false);
    sender.start();
    await sender.ready(4000);
    time.advance(1e6);
    sender.send(PACKET);
    await sender.ready(4000);
    expect(lookups).toBe(1);
  });

  test("happens at most every five seconds after failures, and only when something is sent", async () => {
    let lookups = 0;
    const resolve = () => {
      lookups++;
      return Promise.reject(new Error("ENOTFOUND"));
    };
    const { sender, time } = senderTo("agent.test", 6831, resolve);
    sender.start();
    await sender.ready(4000);
    time.advance(1e6);
    expect(lookups).toBe(1);
    for (let second = 0; second < 20; second++) {
      sender.send(PACKET);
      await sender.ready(4000);
      time.advance(1000);
    }
    expect(lookups).toBe(5);
  });
});

test("a datagram larger than UDP can carry is lost without an exception", async () => {
  const { socket } = await agentOn("127.0.0.1");
  const { sender, log } = senderTo("127.0.0.1", socket.port);
  sender.start();
  await sender.ready(4000);
  expect(sender.send(Buffer.alloc(66_000))).toBe(false);
  expect(log.lines[1]).toContain("Spans are lost");
});

test("a closed sender sends nothing, says nothing and stays closed when its lookup ends late", async () => {
  const { promise, resolve } = Promise.withResolvers<Address[]>();
  const { sender, log } = senderTo("agent.test", 6831, () => promise);
  sender.start();
  sender.close();
  resolve([{ ip: "127.0.0.1", port: 0 }]);
  await sender.ready(4000);
  expect(sender.send(PACKET)).toBe(false);
  expect(log.lines).toEqual([]);
});
