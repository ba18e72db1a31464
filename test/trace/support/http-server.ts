/** Collectors on loopback, good and bad. */
import type { HttpDestination } from "../../../src/trace/sender/http-post.ts";

/** Closes in the opposite order of opening; for `afterEach`. */
export class Servers {
  readonly #stop: (() => void)[] = [];

  /** A server that answers as told; its base URL, without a slash at the end. */
  http(
    answer: (request: Request) => Response | Promise<Response>,
    tls?: { key: string; cert: string },
  ): string {
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer, ...(tls ? { tls } : {}) });
    this.#stop.push(() => void server.stop(true));
    return `${tls ? "https" : "http"}://127.0.0.1:${server.port}`;
  }

  /** A server that calls `answer` with the number of the request, from 1, on its connection. */
  raw(answer: (socket: Bun.Socket<unknown>, request: number) => void): string {
    const requests = new Map<Bun.Socket<unknown>, number>();
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, bytes) {
          if (!bytes.includes("POST /")) return;
          requests.set(socket, (requests.get(socket) ?? 0) + 1);
          answer(socket, requests.get(socket)!);
        },
        error() {},
      },
    });
    this.#stop.push(() => server.stop(true));
    return `http://127.0.0.1:${server.port}`;
  }

  close(): void {
    for (const stop of this.#stop.splice(0).toReversed()) stop();
  }
}

/** A destination with nothing special but what is given. */
export function destinationOf(url: string, given: Partial<HttpDestination> = {}): HttpDestination {
  return {
    name: "the collector",
    url,
    headers: {},
    timeoutMs: 5000,
    gzip: false,
    certificateFile: null,
    ...given,
  };
}

/** Real servers answer when they answer. */
export async function until(condition: () => boolean, deadlineMs = 4000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!condition() && Date.now() < deadline) await Bun.sleep(2);
  if (!condition()) throw new Error("it never came true");
}
