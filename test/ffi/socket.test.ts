import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dial } from "../../ffi/dial.ts";
import { libc } from "../../ffi/libc.ts";
import {
  backlog,
  cork,
  fileLimit,
  hasEnded,
  keepAlive,
  keepAliveIdle,
  receiveBuffer,
  unacknowledgedBytes,
  unsentBytes,
} from "../../ffi/socket.ts";

const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {}, error() {} } });
afterAll(() => listener.stop(true));
/** Bun has it, its types do not. */
const { fd } = listener as unknown as { fd: number };

const [SOL_SOCKET, IPPROTO_TCP] = [1, 6];

function option(level: number, name: number): number {
  const value = new Int32Array(new ArrayBuffer(4));
  const length = new Uint32Array(new ArrayBuffer(4)).fill(4);
  expect(libc.getsockopt(fd, level, name, value, length)).toBe(0);
  return value[0]!;
}

function keepAliveOptions(): number[] {
  const [SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT] = [9, 4, 5, 6];
  return [
    option(SOL_SOCKET, SO_KEEPALIVE),
    ...[TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT].map((name) => option(IPPROTO_TCP, name)),
  ];
}

describe("socket options", () => {
  test("keepAlive turns probes on with idle time, interval and count", () => {
    keepAlive(fd, 300, 30, 9);
    expect(keepAliveOptions()).toEqual([1, 300, 30, 9]);
  });

  test("keepAliveIdle changes the idle time alone", () => {
    keepAlive(fd, 300, 30, 9);
    keepAliveIdle(fd, 20);
    expect(keepAliveOptions()).toEqual([1, 20, 30, 9]);
  });

  test("a socket that is gone is no error", () => {
    expect(() => keepAlive(-1, 300, 30, 9)).not.toThrow();
  });

  test("backlog replaces the one Bun listened with", () => {
    expect(backlogShown()).toBe(512);
    backlog(fd, 1234);
    expect(backlogShown()).toBe(1234);
  });

  test("receiveBuffer bounds what waits to be read; the kernel doubles it for its bookkeeping", () => {
    receiveBuffer(fd, 50_000);
    const SO_RCVBUF = 8;
    expect(option(SOL_SOCKET, SO_RCVBUF)).toBe(100_000);
  });

  test("unacknowledgedBytes is what a peer that does not read has not got yet, unsentBytes what of it waits here", async () => {
    const { promise: accepted, resolve } = Promise.withResolvers<Bun.Socket>();
    const reader = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open(socket) {
          socket.pause();
          resolve(socket);
        },
        data() {},
      },
    });
    const writer = await Bun.connect({ hostname: "127.0.0.1", port: reader.port, socket: { data() {} } });
    const peer = await accepted;
    const { fd } = writer as unknown as { fd: number };
    const left = () => unacknowledgedBytes(fd);
    expect(left()).toBe(0);
    writer.write(new Uint8Array(64 * 1024 * 1024));
    expect(left()).toBeGreaterThan(100_000);
    expect(unsentBytes(fd)).toBeGreaterThan(100_000);
    expect(unsentBytes(fd)).toBeLessThanOrEqual(left());
    peer.resume();
    while (left() > 0) await Bun.sleep(1);
    expect(unsentBytes(fd)).toBe(0);
    writer.terminate();
    reader.stop(true);
    expect([unacknowledgedBytes(-1), unsentBytes(-1)]).toEqual([0, 0]);
  });

  test("cork lets what is written wait for the rest of its packet", () => {
    const TCP_CORK = 3;
    cork(fd);
    expect(option(IPPROTO_TCP, TCP_CORK)).toBe(1);
  });

  test("hasEnded tells a FIN with nothing before it, and leaves everything as it was", async () => {
    const { promise: accepted, resolve } = Promise.withResolvers<Bun.Socket>();
    const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { open: resolve, data() {} } });
    const connected = dial({ ip: "127.0.0.1", port: server.port }, false);
    const peer = await accepted;
    const seen = [hasEnded(connected)];
    peer.write("x");
    peer.shutdown();
    seen.push(hasEnded(connected));
    expect(libc.recv(connected, new Uint8Array(new ArrayBuffer(9)), 9, 0)).toBe(1);
    seen.push(hasEnded(connected), hasEnded(connected));
    expect(seen).toEqual([false, false, true, true]);
    libc.close(connected);
    server.stop(true);
    expect(hasEnded(-1)).toBe(false);
  });

  test("hasEnded leaves the error of a reset to whoever reads", async () => {
    const { promise: accepted, resolve } = Promise.withResolvers<Bun.Socket>();
    const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { open: resolve, data() {} } });
    const connected = dial({ ip: "127.0.0.1", port: server.port }, false);
    (await accepted).terminate();
    expect(hasEnded(connected)).toBe(false);
    expect(libc.recv(connected, new Uint8Array(new ArrayBuffer(9)), 9, 0)).toBe(-1);
    libc.close(connected);
    server.stop(true);
  });

  test("fileLimit is the soft limit the kernel shows", () => {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))![1];
    expect(fileLimit()).toBe(Number(soft));
  });
});

/** The Send-Q column of a listening socket. */
function backlogShown(): number {
  const row = Bun.spawnSync(["ss", "-Hltn", "sport", "=", `:${listener.port}`]).stdout.toString();
  return Number(row.trim().split(/\s+/)[2]);
}
