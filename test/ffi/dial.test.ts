import { afterEach, describe, expect, test } from "bun:test";
import { acknowledge, dial } from "../../ffi/dial.ts";
import { peerAddress } from "../../ffi/endpoints.ts";
import { libc } from "../../ffi/libc.ts";

/** Far less than the 200 ms after which the kernel acknowledges by itself. */
const SOON_MS = 100;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function listen(hostname: string) {
  const accepted = Promise.withResolvers<void>();
  const socket = { open: () => accepted.resolve(), data() {}, error() {} };
  const server = Bun.listen({ hostname, port: 0, socket });
  closers.push(() => server.stop(true));
  return { to: { ip: hostname, port: server.port }, accepted: accepted.promise };
}

function dialled(to: { ip: string; port: number }): number {
  const fd = dial(to, true);
  closers.push(() => libc.close(fd));
  return fd;
}

describe.each(["127.0.0.1", "::1"])("a dial to %s", (ip) => {
  test("connects to the address and the port", () => {
    const { to } = listen(ip);
    expect(peerAddress(dialled(to))).toEqual(to);
  });

  test("is seen by the other side when it says something or acknowledges, or else a good while later", async () => {
    expect(await acceptedAfterMs(() => {})).toBeGreaterThan(SOON_MS);
    const hurried: number[] = [];
    // A busy machine may make one attempt slow, not every one.
    while (hurried.length < 20 && !hurried.some((ms) => ms < SOON_MS)) {
      hurried.push(await acceptedAfterMs(acknowledge));
    }
    expect(Math.min(...hurried)).toBeLessThan(SOON_MS);
  });

  async function acceptedAfterMs(andThen: (fd: number) => void): Promise<number> {
    const { to, accepted } = listen(ip);
    const startMs = performance.now();
    andThen(dialled(to));
    await accepted;
    return performance.now() - startMs;
  }
});

test.each([
  { ip: "255.255.255.255", port: 80 },
  { ip: "fe80::1", port: 80 },
])("a dial to %j fails at once", (to) => {
  expect(dial(to, true)).toBe(-1);
});

test.each(["fe80::1%lo", "127.1", ""])(
  "a dial to %j, which is no address, does not go where the last one went",
  (ip) => {
    const { to } = listen("::");
    for (const last of ["127.0.0.1", "::1"]) dialled({ ip: last, port: to.port });
    expect(dial({ ip, port: to.port }, true)).toBe(-1);
  },
);
