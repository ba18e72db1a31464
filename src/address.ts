/** An IP endpoint. `ip` is canonical text without brackets; IPv4 is never in its `::ffff:` form. */
export interface Address {
  readonly ip: string;
  readonly port: number;
}

const MAPPED_IPV4 = "::ffff:";

/** The IPv4 text inside an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), any other text unchanged. */
export function unmapIp(ip: string): string {
  return ip.startsWith(MAPPED_IPV4) && ip.includes(".") ? ip.slice(MAPPED_IPV4.length) : ip;
}

/** True for 127.0.0.0/8 and ::1; takes unmapped text. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith("127.") || ip === "::1";
}

/** True for the same IP and port. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.port === b.port && a.ip === b.ip;
}

/** `1.2.3.4:80` or `[::1]:80`. */
export function formatAddress({ ip, port }: Address): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
