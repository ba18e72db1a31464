/**
 * `paced.ts IP PORT CONNECTIONS REQUESTS_PER_SECOND SECONDS`: sends requests at a steady pace, far below what the
 * target can do, and prints `{p50Ms, p99Ms, requests}`. Each connection has its own pace; the request is due when its
 * timer fires, and when the answer to the previous one is still missing its waiting counts (no coordinated omission).
 */
import { quantile } from "../statistics.ts";

const [ip, port, connections, perSecond, seconds] = process.argv.slice(2) as [string, ...string[]];
const WARM_UP_MS = 500;
const REQUEST = Buffer.from(
  `GET / HTTP/1.1\r\nHost: ${ip}:${port}\r\nUser-Agent: paced\r\nAccept: */*\r\n\r\n`,
);
const BODY_END = Buffer.from("01234567.");

class Connection {
  /** When each request that is not answered yet was due, oldest first; only the first has been sent. */
  private readonly due: number[] = [];

  constructor(
    private readonly socket: Bun.Socket<Connection | undefined>,
    private readonly latencies: number[],
  ) {
    socket.data = this;
  }

  request(): void {
    this.due.push(performance.now());
    if (this.due.length === 1) this.socket.write(REQUEST);
  }

  received(chunk: Uint8Array): void {
    if (
      !Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).subarray(-BODY_END.length).equals(BODY_END)
    )
      return;
    this.latencies.push(performance.now() - this.due.shift()!);
    if (this.due.length > 0) this.socket.write(REQUEST);
  }
}

function connect(latencies: number[]): Promise<Connection> {
  return new Promise((resolve, reject) => {
    Bun.connect<Connection | undefined>({
      hostname: ip,
      port: Number(port),
      data: undefined,
      socket: {
        open: (socket) => resolve(new Connection(socket, latencies)),
        data: (socket, chunk) => socket.data!.received(chunk),
        close: () => process.exit(1),
        error: (_, error) => reject(error),
      },
    }).catch(reject);
  });
}

/** By the clock, not by the last request: the lateness of timers would add up until all connections ask at once. */
function pace(connection: Connection, dueMs: number): void {
  setTimeout(() => {
    connection.request();
    pace(connection, dueMs + intervalMs);
  }, dueMs - performance.now());
}

const latencies: number[] = [];
const open = await Promise.all(Array.from({ length: Number(connections) }, () => connect(latencies)));
const intervalMs = (1000 * Number(connections)) / Number(perSecond);
const startMs = performance.now();
for (const [i, connection] of open.entries()) pace(connection, startMs + (intervalMs * i) / open.length);
await Bun.sleep(WARM_UP_MS);
latencies.length = 0;
await Bun.sleep(Number(seconds) * 1000);

const sorted = latencies.toSorted((a, b) => a - b);
const result = { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), requests: sorted.length };
process.stdout.write(JSON.stringify(result));
process.exit(0);
