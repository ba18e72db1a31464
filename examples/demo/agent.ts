/**
 * The part of the Jaeger agent that runs in a pod: it takes datagrams and prints each as one line of base64. What
 * they mean is found out in the demo's own process, which also can reach a real agent outside of the pods.
 */
import { createSocket } from "node:dgram";
import { AGENT_PORT } from "./ports.ts";

// The kernel drops what does not fit, and its default holds barely one big datagram of each sidecar. It grants at
// most net.core.rmem_max.
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const socket = createSocket({ type: "udp4", recvBufferSize: RECEIVE_BUFFER_BYTES });
socket.on("message", (datagram) => {
  process.stdout.write(`${datagram.toString("base64")}\n`);
});
socket.bind(AGENT_PORT);
