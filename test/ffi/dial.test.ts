import { afterEach, describe, expect, test } from "bun:test";
import { acknowledge, dial } from "../../ffi/dial.ts";
import { peerAddress } from "../../ffi/endpoints.ts";
import { libc } from "../../ffi/libc.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Counts what it accepts. */
function listen(hostname: string) {
  let accepted = 0;
  const socket = { open: () => void accepted++, data() {}, error() {} };
  const server = Bun.listen({ hostname, port: 0, socket });
  closers.push(() => server.stop(true));
  return { to: { ip: hostname, port: server.port }, accepted: () => accepted };
}

function dialled(to: { ip: string; port: number }): number {
  const fd = dial(to);
  closers.push(() => libc.close(fd));
  return fd;
}

describe.each(["127.0.0.1", "::1"])("a dial to %s", (ip) => {
  test("connects to the address and the port", () => {
    const { to } = listen(ip);
    expect(peerAddress(dialled(to))).toEqual(to);
  });

  test("is not seen by the other side before something is said, or the acknowledgement sent", async () => {
    const { to, accepted } = listen(ip);
    const fd = dialled(to);
    await Bun.sleep(20);
    expect(accepted()).toBe(0);
    acknowledge(fd);
    await Bun.sleep(20);
    expect(accepted()).toBe(1);
  });
});

test.each([
  { ip: "255.255.255.255", port: 80 },
  { ip: "fe80::1", port: 80 },
])("a dial to %j fails at once", (to) => {
  expect(dial(to)).toBe(-1);
});
