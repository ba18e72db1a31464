import {
  type HttpServer,
  type HttpServerOptions,
  ListenError,
  serveHttp,
} from "../../../src/admin/http/server.ts";
import { Peer } from "../../proxy/peer.ts";

/** Far away, so that no test meets it by accident. */
export const BOUNDS = {
  maxConnections: 8,
  maxPerSecond: 10_000,
  readMs: 30_000,
  sendMs: 30_000,
  maxUnsentBytes: 1024 ** 3,
  setBacklog() {},
};

/** A server on a free port of loopback. What its handlers threw is in `bugs`. */
export function serveOn(options: Partial<HttpServerOptions> & Pick<HttpServerOptions, "handler">) {
  const bugs: string[] = [];
  const onBug = (error: Error) => void bugs.push(error.message);
  const server = serveHttp({ ip: "127.0.0.1", port: 0, onBug, ...BOUNDS, ...options });
  if (server instanceof ListenError) throw new Error(server.why);
  return { server, bugs };
}

/** All that comes for `bytes`, to the end of the connection. */
export async function exchange({ port }: HttpServer, bytes: string): Promise<string> {
  const peer = (await Peer.connect(port)).send(bytes);
  await peer.until(({ ending }) => ending !== "open");
  if (peer.ending === "rst") throw new Error("reset");
  peer.fin();
  return peer.text;
}
