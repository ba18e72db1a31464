import type { OpaqueReason } from "../http1/parser.ts";
import type { Log } from "../log.ts";
import type { ConnInfo } from "../proxy/handler.ts";

/** Counts why connections are not parsed any more: the first thing to look at when an exchange has no span. */
export class OpaqueReasons {
  readonly counts = new Map<OpaqueReason, number>();

  constructor(readonly log: Log) {}

  count({ id, direction, originalDst }: ConnInfo, reason: OpaqueReason): void {
    const count = (this.counts.get(reason) ?? 0) + 1;
    this.counts.set(reason, count);
    const { port } = originalDst;
    this.log.debug(
      `connection ${id} (${direction}, port ${port}) is relayed unread: ${reason} (${count} so far)`,
    );
  }
}
