import { formatAddress } from "../address.ts";
import type { Connection } from "../proxy/handler.ts";

/** Where the listing gets what it lists. */
export interface ConnectionList {
  open(): number;
  all(): Iterable<Connection>;
  /** The clock that `Connection.openedAtMs` is of. */
  nowMs(): number;
}

/** Beyond it only their number is said. */
const MAX_LINES = 1000;
const COLUMNS = [
  "id",
  "direction",
  "state",
  "age",
  "handler",
  "client",
  "original destination",
  "sent",
  "received",
];

/** The open connections as a table of at most 1000 lines, the oldest first. Bytes are the client's. */
export function listConnections(list: ConnectionList): string {
  const rows: string[][] = [];
  for (const connection of list.all()) {
    if (rows.length === MAX_LINES) break;
    rows.push(describe(connection, list.nowMs()));
  }
  const more = list.open() - rows.length;
  return [
    `${list.open()} open connections`,
    ...alignColumns([COLUMNS, ...rows]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("\n");
}

function describe(connection: Connection, nowMs: number): string[] {
  const { info, openedAtMs, state, isFollowed, clientBytes, upstreamBytes } = connection;
  return [
    String(info.id),
    info.direction,
    state,
    `${((nowMs - openedAtMs) / 1000).toFixed(1)}s`,
    isFollowed ? "http" : "opaque",
    formatAddress(info.client),
    formatAddress(info.originalDst),
    String(clientBytes),
    String(upstreamBytes),
  ];
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = COLUMNS.map((_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]!.length), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
