/** Does anybody take datagrams at an address? Only that nobody does can be known. */
import type { Address } from "../address.ts";
import type { Process } from "../trace/process.ts";
import { CompactBatch } from "../trace/thrift/compact.ts";

/** A refusal takes one round trip. */
const PATIENCE_MS = 500;

/** Null: nothing came back, so it was taken, or lost on its way. Else why it was not, in words. */
export async function probeAgent({ ip, port }: Address, process: Process): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const timer = setTimeout(resolve, PATIENCE_MS, null);
  try {
    const socket = await Bun.udpSocket({
      hostname: ip.includes(":") ? "::" : "0.0.0.0",
      connect: { hostname: ip, port },
      // Typed as (socket, error), called with the error alone.
      socket: { error: (...given) => resolve(explain(given.at(-1))) },
    });
    // A message that agents understand, without a span.
    socket.send(new CompactBatch(process).message());
    const why = await promise;
    socket.close();
    return why;
  } catch (error) {
    return explain(error);
  } finally {
    clearTimeout(timer);
  }
}

function explain(error: unknown): string {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  return code === "ECONNREFUSED" ? "nobody listens there (refused by ICMP)" : message;
}
