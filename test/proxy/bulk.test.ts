import { beforeEach, describe, expect, test } from "bun:test";
import { BulkReads } from "../../src/proxy/bulk.ts";
import type { Direction } from "../../src/proxy/handler.ts";
import { Session, type SessionHost } from "../../src/proxy/session.ts";
import type { Side } from "../../src/proxy/side.ts";
import { FakeKernel } from "../fakes/kernel.ts";
import { FakeSocket } from "../fakes/socket.ts";

const MIB = 1024 * 1024;
const KIB = 1024;

const kernel = new FakeKernel(null);
let reads: BulkReads;

beforeEach(() => {
  reads = new BulkReads(kernel);
  kernel.calls.length = 0;
});

/** The receive buffers that were asked for since this was asked last, in KiB. */
function limits(): number[] {
  return kernel.calls.splice(0).map(([, bytes]) => bytes! / KIB);
}

/** A client of its own connection, which is in the pod if its direction is outbound. */
function client(direction: Direction, socket = new FakeSocket()): Side {
  const { client } = new Session(
    {
      id: 1,
      direction,
      client: { ip: "198.18.0.1", port: 40_000 },
      originalDst: { ip: "198.18.0.2", port: 80 },
    },
    {} as SessionHost,
  );
  client.open(socket);
  return client;
}

function crowd(count: number, bytes: number): Side[] {
  const sides = Array.from({ length: count }, () => client("inbound"));
  for (const side of sides) reads.came(side, bytes);
  return sides;
}

describe("a sender in the pod", () => {
  test("is limited at its first large chunk, and once", () => {
    const side = client("outbound");
    reads.came(side, 64 * KIB);
    reads.came(side, 64 * KIB);
    expect(limits()).toEqual([80]);
  });

  test("is limited further in a crowd, and gets back what it had", () => {
    const side = client("outbound");
    reads.came(side, 64 * KIB);
    const others = crowd(256, 512 * KIB);
    limits();
    reads.came(side, 64 * KIB);
    expect(limits()).toEqual([32]);
    for (const other of others) reads.left(other);
    reads.came(side, 16 * KIB);
    expect(limits()).toEqual([80]);
  });

  test("is not allowed more by a crowd", () => {
    const side = client("outbound");
    reads.came(side, 64 * KIB);
    crowd(33, 512 * KIB);
    limits();
    reads.came(side, 64 * KIB);
    expect(limits()).toEqual([]);
  });
});

describe("senders elsewhere", () => {
  test("are not limited as long as their reads give no more than 16 MiB together", () => {
    crowd(32, 512 * KIB);
    expect(limits()).toEqual([]);
  });

  test("share 16 MiB from there on, each from its next chunk on", () => {
    const sides = crowd(33, 512 * KIB);
    expect(limits()).toEqual([256]);
    for (const side of sides) reads.came(side, 512 * KIB);
    expect(limits()).toEqual(new Array(32).fill(256));
    for (const side of sides) reads.came(side, 512 * KIB);
    expect(limits()).toEqual([]);
    crowd(967, 512 * KIB);
    limits();
    for (const side of sides) reads.came(side, 512 * KIB);
    expect(limits()).toEqual(new Array(33).fill(32));
  });

  test("count with what they sent last", () => {
    const sides = crowd(32, 512 * KIB);
    for (const side of sides) reads.came(side, 100);
    crowd(31, 512 * KIB);
    expect(limits()).toEqual([]);
  });

  test("that have left count no more", () => {
    for (const side of crowd(32, 512 * KIB)) reads.left(side);
    crowd(32, 512 * KIB);
    expect(limits()).toEqual([]);
  });

  test("whose socket has gone in the meantime do not count", () => {
    reads.came(client("inbound", new FakeSocket(0, -1)), 17 * MIB);
    crowd(1, 512 * KIB);
    expect(limits()).toEqual([]);
  });

  test("get theirs back one after the other once reads give less than half", () => {
    const sides = crowd(256, 512 * KIB);
    for (const side of sides) reads.came(side, 512 * KIB);
    limits();
    for (const side of sides) reads.came(side, 25 * KIB);
    // 6.4 MB are left, and of each that is let go a read of 512 KiB is expected.
    expect(limits()).toEqual([256, 256, 256, 256]);
    for (let turn = 0; turn < 100; turn++) for (const side of sides) reads.came(side, 25 * KIB);
    expect(limits()).toEqual(new Array(252).fill(256));
  });
});
