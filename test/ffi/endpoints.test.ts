import { expect, test } from "bun:test";
import { localAddress, peerAddress } from "../../ffi/endpoints.ts";

test.each(["127.0.0.1", "::1"])("the ends of a connection to %s are told, IPv4 as such", async (ip) => {
  const { promise: accepted, resolve } = Promise.withResolvers<number>();
  const server = Bun.listen({
    hostname: "::",
    port: 0,
    socket: { open: (socket) => resolve((socket as unknown as { fd: number }).fd), data() {} },
  });
  const client = await Bun.connect({ hostname: ip, port: server.port, socket: { data() {} } });
  const fd = await accepted;
  expect(peerAddress(fd)).toEqual({ ip, port: client.localPort });
  expect(localAddress(fd)).toEqual({ ip, port: server.port });
  client.terminate();
  server.stop(true);
});

test("what is not connected has no ends", () => {
  expect(peerAddress(-1)).toBeNull();
  expect(localAddress(-1)).toBeNull();
});
