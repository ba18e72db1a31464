import type { Socket, SocketHandler } from "bun";
import type { Side } from "./side.ts";
import { relieveTurn } from "./turn.ts";

/** The memory of smaller chunks is left to the garbage collector, which is cheaper for them. */
const LARGE_BYTES = 32 * 1024;

/** A Bun socket whose `data` is its side. One that was refused at accept has none. Its types leave out `fd`. */
export type SideSocket = Socket<Side> & { readonly fd: number };

/** What a dialled socket hears of only once it is connected. */
interface Shared {
  drain(socket: SideSocket): void;
  close(socket: SideSocket, failure?: Error): void;
}

/**
 * The events that mean the same on accepted and dialled sockets. One object for all connections: what differs is in
 * `socket.data`. Every handler is synchronous; an async one that rejects would end the process. A handler that throws
 * is a bug in this program, which must cost one connection and no more: `onBug` hears of it.
 */
export function socketEvents(onBug: (error: Error) => void): SocketHandler<Side> & Shared {
  return { binaryType: "uint8array", data, end, drain, close, error };

  function error(socket: SideSocket, failure: Error): void {
    onBug(failure);
    socket.data?.session.abort();
    socket.terminate();
  }
}

function data({ data: side }: SideSocket, chunk: Uint8Array): void {
  take(side, chunk);
  // Not before: whose first bytes leave is looked for its sender's FIN, and `chunk` would come behind that.
  relieveTurn();
}

function take(side: Side, chunk: Uint8Array): void {
  const { session } = side;
  const { handler } = session;
  if (side.isClient) session.clientBytes += chunk.byteLength;
  else session.upstreamBytes += chunk.byteLength;
  if (!side.hasSpoken) side.speaks();
  if (handler === null) side.peer.outbox.write(chunk, false);
  else if (side.isClient) handler.clientData(chunk);
  else handler.upstreamData(chunk);
  const isLarge = chunk.byteLength >= LARGE_BYTES;
  if (isLarge || side.bulkBytes > 0) session.bulk(side, chunk.byteLength);
  if (!isLarge) return;
  if (handler !== null && side.isClient) return;
  if (!side.peer.outbox.keeps(chunk)) release(chunk);
}

/**
 * Frees the memory of a chunk that has been forwarded; what a client's handler has got is the handler's. The garbage
 * collector would come by much later: stalled transfers held twice what they had left to send.
 */
function release({ buffer }: Uint8Array): void {
  (buffer as ArrayBuffer).transfer(0);
}

function end({ data: side }: SideSocket): void {
  side.session.ended(side);
}

function drain({ data: side }: SideSocket): void {
  side.outbox.writable();
}

function close({ data: side }: SideSocket, failure?: Error): void {
  side?.session.closed(side, failure !== undefined);
}
