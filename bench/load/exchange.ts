/** An exchange without sockets. */
import { HttpHandler, type HttpOptions } from "../../src/mesh/http-handler.ts";
import type { Afterwork, Direction, Relay } from "../../src/proxy/handler.ts";

/** How many connections are used in turn. */
export const CONNECTIONS = 64;

export const RESPONSE = new Uint8Array(
  Buffer.from(
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 01:50:56 GMT\r\nContent-Type: text/plain\r\n" +
      "Content-Length: 42\r\nConnection: keep-alive\r\n\r\n0123456789 0123456789 0123456789 01234567.",
  ),
);

const EXCHANGES_PER_ROUND = 40 * CONNECTIONS;
const NS_PER_MS = 1e6;

/** Takes whatever it is given. */
class CountingRelay implements Relay {
  bytes = 0;

  toUpstream(bytes: Uint8Array): void {
    this.bytes += bytes.length;
  }

  toClient(bytes: Uint8Array): boolean {
    this.bytes += bytes.length;
    return false;
  }

  afterTurn(work: Afterwork): void {
    work.afterTurn();
  }

  connect(): void {}
  disconnect(): boolean {
    return true;
  }
  pauseClient(): void {}
  resumeClient(): void {}
  endUpstream(): void {}
  endClient(): void {}
  abort(): void {}

  becomeOpaque(): void {
    throw new Error("the handler gave up");
  }
}

/** That many connections whose handlers share everything. */
export function openConnections(
  direction: Direction,
  what: Pick<HttpOptions, "policies" | "observers" | "clock">,
): HttpHandler[] {
  const options: HttpOptions = {
    ...what,
    isIgnored: () => false,
    headTimeoutMs: 1000,
    onOpaque: () => {},
    onBug: (error) => {
      throw error;
    },
  };
  const originalDst = { ip: "198.18.0.3", port: 8080 };
  return Array.from({ length: CONNECTIONS }, (_, id) => {
    const client = { ip: "198.18.0.1", port: 40_000 + id };
    return new HttpHandler({ id, direction, client, originalDst }, new CountingRelay(), options);
  });
}

/** What one exchange takes, in nanoseconds: the mean of a round of them, connections and requests in turn. */
export function timeExchange(connections: readonly HttpHandler[], requests: readonly Uint8Array[]): number {
  const startedMs = performance.now();
  for (let i = 0; i < EXCHANGES_PER_ROUND; i++) {
    const connection = connections[i % CONNECTIONS]!;
    connection.clientData(requests[i % requests.length]!);
    connection.upstreamData(RESPONSE);
  }
  return ((performance.now() - startedMs) * NS_PER_MS) / EXCHANGES_PER_ROUND;
}
