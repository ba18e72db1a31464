export type Protocol = "tcp" | "udp";

// The kernel's state numbers, include/net/tcp_states.h: TCP_LISTEN, and TCP_CLOSE for an unconnected UDP socket.
const WAITING: Record<Protocol, string> = { tcp: "0A", udp: "07" };

/**
 * Whether the socket table `table`, the text of /proc/net/tcp or udp (6 or not), has a socket that waits for peers
 * on `port`. A row is `sl local_address rem_address st ...`, addresses and ports in hex.
 */
export function listens(table: string, protocol: Protocol, port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").some((row) => {
    const [, address, , state] = row.trim().split(/\s+/);
    return address?.endsWith(local) === true && state === WAITING[protocol];
  });
}
