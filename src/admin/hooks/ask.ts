/** Asks the sidecar of this pod. Not by fetch, which goes through the proxy that HTTP_PROXY names. */
import type { Socket } from "bun";
import type { Address } from "../../address.ts";

const PATIENCE_MS = 2000;
/** Much more than a sidecar says; something else may listen there. */
const MOST_CHARACTERS = 1024 * 1024;

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** One request, one reply; null if none came within two seconds. */
export function ask({ ip, port }: Address, method: "GET" | "POST", path: string): Promise<Reply | null> {
  const { promise, resolve } = Promise.withResolvers<Reply | null>();
  let received = "";
  const finish = () => {
    clearTimeout(timer);
    resolve(parse(received));
  };
  const timer = setTimeout(finish, PATIENCE_MS);
  void Bun.connect({
    hostname: ip,
    port,
    socket: {
      open: (socket: Socket) => void socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
      data(socket: Socket, chunk: Uint8Array) {
        received += chunk.toString();
        if (received.length > MOST_CHARACTERS) socket.terminate();
      },
      close: finish,
      connectError: finish,
      error: finish,
    },
  });
  return promise;
}

/** The server closes after each reply, so what came is the whole of it. */
function parse(received: string): Reply | null {
  const [, status, body] = /^HTTP\/1\.1 (\d{3}) .*?\r\n\r\n(.*)$/s.exec(received) ?? [];
  return status === undefined ? null : { status: Number(status), body: body!.trimEnd() };
}
