/** Connections in pods that say where they really end. */
import type { Socket, TCPSocketListener } from "bun";
import type { Pod } from "../../examples/lab/pod.ts";
import { asOwner, inNamespace } from "../ffi/namespace.ts";

/** A server that says which port it listens on and then echoes. */
export function listenAs(place: Pod, port: number): TCPSocketListener {
  const socket = {
    open: (s: Socket) => void s.write(`${port}`),
    data: (s: Socket, bytes: Uint8Array) => void s.write(bytes),
    error() {},
  };
  return inNamespace(place.namespace, () => Bun.listen({ hostname: "::", port, socket }));
}

/** A connection that can be asked. */
export interface Connection {
  readonly greeting: string;
  echo(text: string): Promise<string>;
  close(): void;
}

/** Connects and waits for the greeting; throws if the connection ends before. */
export async function connect(from: Pod, hostname: string, port: number, owner = {}): Promise<Connection> {
  let heard = Promise.withResolvers<string>();
  const socket = {
    data: (_: Socket, bytes: Uint8Array) => heard.resolve(Buffer.from(bytes).toString()),
    close: () => heard.reject(new Error("the connection is gone")),
    error() {},
    connectError() {},
  };
  const dial = () => Bun.connect({ hostname, port, socket });
  const opened = await inNamespace(from.namespace, () => asOwner(owner, dial));
  const greeting = await heard.promise;
  return {
    greeting,
    echo(text) {
      heard = Promise.withResolvers();
      opened.write(text);
      return heard.promise;
    },
    close() {
      heard.promise.catch(() => {});
      opened.terminate();
    },
  };
}

/** The port where a new connection really ends. */
export async function endsAt(from: Pod, hostname: string, port: number, owner = {}): Promise<number> {
  const connection = await connect(from, hostname, port, owner);
  connection.close();
  return Number(connection.greeting);
}
