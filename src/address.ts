/** An IP endpoint. `ip` is canonical text without brackets; IPv4 is never in its `::ffff:` form. */
export interface Address {
  readonly ip: string;
  readonly port: number;
}

const MAPPED_IPV4 = "::ffff:";

/** The IPv4 text inside an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), any other text unchanged. */
export function unmapIp(ip: string): string {
  if (!ip.startsWith(MAPPED_IPV4)) return ip;
  const mapped = ip.slice(MAPPED_IPV4.length);
  return mapped.includes(".") ? mapped : (fromHex(mapped) ?? ip);
}

/** `7f00:1` → `127.0.0.1`, as URLs write it; null if it is not two groups. */
function fromHex(groups: string): string | null {
  const [, high, low] = /^([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(groups) ?? [];
  if (high === undefined || low === undefined) return null;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}

/** True for 0.0.0.0 and ::, to which Linux connects as to loopback; takes unmapped text. */
export function isUnspecified(ip: string): boolean {
  return ip === "0.0.0.0" || ip === "::";
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
