import { lookup } from "node:dns/promises";
import { AGENT_PORT } from "./ports.ts";

/** Hands a datagram to a real Jaeger agent. */
export type Forward = (packet: Uint8Array) => void;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Sends to the agent that JAEGER_AGENT_HOST and JAEGER_AGENT_PORT name, or nowhere if there is no host. Throws when
 * the name does not resolve; what UDP loses later is lost quietly, as always with this protocol.
 */
export async function createForward(env: Environment): Promise<Forward> {
  const host = env.JAEGER_AGENT_HOST;
  if (!host) return () => undefined;
  const { address } = await lookup(host).catch((error) => {
    throw new Error(`JAEGER_AGENT_HOST=${host}: ${error.message}`);
  });
  const port = Number(env.JAEGER_AGENT_PORT || AGENT_PORT);
  const socket = await Bun.udpSocket({
    connect: { hostname: address, port },
    socket: { error: () => undefined },
  });
  socket.unref();
  return (packet) => sendOrLose(socket, packet);
}

/** A port where nobody listens makes the next send throw ECONNREFUSED. */
function sendOrLose(socket: Bun.udp.ConnectedSocket<"buffer">, packet: Uint8Array): void {
  try {
    socket.send(packet);
  } catch {
    // UDP promises nothing, and neither do we.
  }
}
