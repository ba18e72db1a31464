import type { StreamHandler } from "./handler.ts";

/** The handler of a session whose upstream has failed: what the client still sends is for nobody. */
export const deaf: StreamHandler = {
  isUntouched: false,
  needsUpstream: true,
  clientData() {},
  clientEnd() {},
  upstreamData() {},
  upstreamEnd() {},
  upstreamLost() {},
  closed() {},
};
