import type { Kernel } from "../src/proxy/kernel.ts";
import { acknowledge, dial } from "./dial.ts";
import { localAddress, peerAddress } from "./endpoints.ts";
import { originalDst } from "./original-dst.ts";
import {
  backlog,
  cork,
  hasEnded,
  keepAlive,
  keepAliveIdle,
  receiveBuffer,
  unacknowledgedBytes,
  unsentBytes,
} from "./socket.ts";

/** The real kernel, as the proxy sees it. */
export const linuxKernel: Kernel = {
  peerAddress,
  localAddress,
  originalDst,
  dial,
  acknowledge,
  keepAlive,
  keepAliveIdle,
  cork,
  hasEnded,
  unacknowledgedBytes,
  unsentBytes,
  receiveBuffer,
  backlog,
};
