import { afterEach, expect, test } from "bun:test";
import { ask } from "../../../src/admin/hooks/ask.ts";
import { text } from "../../../src/admin/http/answer.ts";
import type { HttpServer } from "../../../src/admin/http/server.ts";
import { type Peer, PeerServer } from "../../proxy/peer.ts";
import { serveOn } from "../http/visitor.ts";

const servers: { stop(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
});

function at({ port }: HttpServer | PeerServer) {
  return { ip: "127.0.0.1", port };
}

test("a request gets its reply", async () => {
  const { server } = serveOn({ handler: ({ method, path }) => text(503, `${method} ${path}\nmore`) });
  servers.push(server);
  expect(await ask(at(server), "POST", "/drain")).toEqual({ status: 503, body: "POST /drain\nmore" });
});

test("nobody there is no reply", async () => {
  const server = new PeerServer();
  server.close();
  expect(await ask(at(server), "GET", "/")).toBeNull();
});

test.each(["", "HTTP/1.1 200 OK\r\n", "hello\r\n\r\n"])(
  "somebody who says %j and leaves is no reply",
  async (bytes) => {
    const server = new PeerServer((peer) => peer.send(bytes).fin());
    servers.push({ stop: () => server.close() });
    expect(await ask(at(server), "GET", "/")).toBeNull();
  },
);

test("somebody who says nothing is no reply", async () => {
  const server = new PeerServer();
  servers.push({ stop: () => server.close() });
  expect(await ask(at(server), "GET", "/")).toBeNull();
});

test("somebody who says too much is cut off", async () => {
  const { promise, resolve } = Promise.withResolvers<Peer>();
  const server = new PeerServer((peer) => resolve(peer.send("x".repeat(16 * 1024 * 1024))));
  servers.push({ stop: () => server.close() });
  expect(await ask(at(server), "GET", "/")).toBeNull();
  const peer = await promise;
  await peer.until(({ ending }) => ending === "rst");
});
