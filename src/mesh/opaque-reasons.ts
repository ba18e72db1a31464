import type { OpaqueReason } from "../http1/parser.ts";
import type { Log } from "../log.ts";
import type { ConnInfo, Direction } from "../proxy/handler.ts";

type Counts = Partial<Record<OpaqueReason, number>>;

/** Counts why connections are not parsed any more: the first thing to look at when an exchange has no span. */
export class OpaqueReasons {
  readonly counts: Readonly<Record<Direction, Counts>> = { inbound: {}, outbound: {} };

  constructor(readonly log: Log) {}

  count({ id, direction, originalDst }: ConnInfo, reason: OpaqueReason): void {
    const counts = this.counts[direction];
    const count = (counts[reason] ?? 0) + 1;
    counts[reason] = count;
    const { port } = originalDst;
    this.log.debug(
      `connection ${id} (${direction}, port ${port}) is relayed unread: ${reason} (${count} so far)`,
    );
  }
}
