/** What becomes of connections, opaque ones included. Bytes of open connections are added when somebody asks. */
import type { CloseReason, Connection, ConnectionObserver, Direction } from "../proxy/handler.ts";
import { REQUEST_BUCKETS } from "./buckets.ts";
import { DIRECTION_LABELS, DIRECTIONS, slotOf, writeByDirection } from "./directions.ts";
import type { Exposition } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { labelText } from "./labels.ts";

/** How a connection was treated from its beginning, so that its bytes never change sides. */
const PROTOCOLS = ["tcp", "http"] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** Connections of one direction and protocol. */
class Tally {
  readonly labels: string;
  opened = 0;
  open = 0;
  readonly closed: Record<CloseReason, number> = {
    ended: 0,
    "client-reset": 0,
    "upstream-reset": 0,
    "connect-failed": 0,
    aborted: 0,
  };
  /** Bytes of connections that are closed. */
  clientBytes = 0;
  upstreamBytes = 0;

  constructor(
    readonly direction: Direction,
    readonly protocol: Protocol,
  ) {
    this.labels = labelText({ direction, protocol });
  }
}

interface Bytes {
  client: number;
  upstream: number;
}

export class TcpMetrics implements ConnectionObserver {
  readonly #tallies = DIRECTIONS.flatMap((direction) =>
    PROTOCOLS.map((protocol) => new Tally(direction, protocol)),
  );
  readonly #dials = new Histogram(REQUEST_BUCKETS, DIRECTION_LABELS.length);

  opened(connection: Connection): void {
    const tally = this.#tally(connection);
    tally.opened++;
    tally.open++;
  }

  connected({ info }: Connection, dialMs: number): void {
    this.#dials.observe(slotOf(info.direction), Math.round(dialMs * 1000));
  }

  closed(connection: Connection, reason: CloseReason): void {
    const tally = this.#tally(connection);
    tally.open--;
    tally.closed[reason]++;
    tally.clientBytes += connection.clientBytes;
    tally.upstreamBytes += connection.upstreamBytes;
  }

  /** Connections in that direction that nobody tried to understand. */
  opaque(slot: number): number {
    return this.#tallies[slot * PROTOCOLS.length]!.opened;
  }

  /** `live` are the connections that are open now. */
  write(out: Exposition, live: Iterable<Connection>): void {
    const bytes = this.#bytes(live);
    const each = (value: (tally: Tally, bytes: Bytes) => number) =>
      this.#tallies.forEach((tally, i) => {
        out.value(tally.labels, value(tally, bytes[i]!));
      });
    out.family("counter", "netramesh_tcp_connections_opened", "Connections accepted and relayed.");
    each(({ opened }) => opened);
    this.#writeClosed(out);
    out.family("gauge", "netramesh_tcp_open_connections", "Connections that are open.");
    each(({ open }) => open);
    out.family("counter", "netramesh_tcp_received_bytes", "Bytes received from clients, as they come.");
    each((_, { client }) => client);
    out.family("counter", "netramesh_tcp_sent_bytes", "Bytes from upstreams for clients, as they come.");
    each((_, { upstream }) => upstream);
    writeByDirection(
      out,
      this.#dials,
      "netramesh_upstream_connect_duration_seconds",
      "Time until the connection to the original destination was open.",
    );
  }

  #writeClosed(out: Exposition): void {
    out.family(
      "counter",
      "netramesh_tcp_connections_closed",
      "Connections that are over, by what ended them.",
    );
    for (const { direction, protocol, closed } of this.#tallies) {
      for (const [reason, count] of Object.entries(closed)) {
        out.value(labelText({ direction, protocol, reason }), count);
      }
    }
  }

  #bytes(live: Iterable<Connection>): readonly Bytes[] {
    const bytes = this.#tallies.map(({ clientBytes, upstreamBytes }) => ({
      client: clientBytes,
      upstream: upstreamBytes,
    }));
    for (const connection of live) {
      const sum = bytes[this.#index(connection)]!;
      sum.client += connection.clientBytes;
      sum.upstream += connection.upstreamBytes;
    }
    return bytes;
  }

  #tally(connection: Connection): Tally {
    return this.#tallies[this.#index(connection)]!;
  }

  #index({ info, isFollowed }: Connection): number {
    return slotOf(info.direction) * PROTOCOLS.length + (isFollowed ? 1 : 0);
  }
}
