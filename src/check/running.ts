/** The sidecar that may run here already: then it is asked, and nothing is tried in its stead. */
import type { ask, Reply } from "../admin/hooks/ask.ts";
import type { Ports } from "../admin/hooks/where.ts";

export interface RunningSidecar {
  /** Whether the metrics port is its. */
  readonly hasMetrics: boolean;
  /** Whether it takes part in traffic; null where its metrics port does not say. */
  readonly isDraining: boolean | null;
  /** Whether it saw a NAT rule; null where its metrics port does not say. */
  readonly seesNat: boolean | null;
  /** Connections of its own that came back to it; null where that is not known. */
  readonly loops: number | null;
  /** What it says that its variables are, secrets masked; null where its profiling port does not say. */
  readonly variables: ReadonlyMap<string, string> | null;
}

const LOOPS = /^netramesh_tcp_connections_refused_total\{[^}]*reason="loop"[^}]*\} (\d+)/m;

/** The socket tables of this network namespace: proc(5). */
const TABLES = ["/proc/net/tcp6", "/proc/net/tcp"];
/** TCP_LISTEN, include/net/tcp_states.h */
const LISTEN = "0A";

/** Null: none answers on either port. Takes two seconds at most. */
export async function findSidecar(
  { metrics, debug }: Ports,
  askAt: typeof ask,
): Promise<RunningSidecar | null> {
  const [ready, counted, config] = await Promise.all([
    askAt(metrics, "GET", "/ready?verbose"),
    askAt(metrics, "GET", "/metrics"),
    askAt(debug, "GET", "/config"),
  ]);
  const state = ready?.body.startsWith("listening: ") ? ready.body : null;
  const variables = readVariables(config);
  if (state === null && variables === null) return null;
  const loops = LOOPS.exec(state === null ? "" : (counted?.body ?? ""));
  return {
    hasMetrics: state !== null,
    isDraining: state === null ? null : state.includes("\ndraining: yes"),
    seesNat: state === null ? null : state.includes("\nnat: active"),
    loops: loops && Number(loops[1]),
    variables,
  };
}

/** The user who listens on `port`, null if nobody does; `readText` gives the text of a file, or null. */
export function listenerOwner(port: number, readText: (path: string) => string | null): number | null {
  return ownerIn(TABLES.map((path) => readText(path) ?? "").join(""), port);
}

/** Rows are `sl local_address rem_address st tx:rx tr:when retrnsmt uid ...`, addresses and ports in hex. */
function ownerIn(tables: string, port: number): number | null {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = tables.split("\n").map((row) => row.trim().split(/\s+/));
  const row = rows.find(([, local, , state]) => state === LISTEN && local?.endsWith(hex));
  return row === undefined ? null : Number(row[7]);
}

function readVariables(reply: Reply | null): ReadonlyMap<string, string> | null {
  if (reply?.status !== 200) return null;
  const pairs = [...reply.body.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)];
  const variables = new Map(pairs.map(([, name, text]) => [name!, text!]));
  return variables.has("NETRA_PORT") ? variables : null;
}
