/**
 * What a routing value says: `host1=host2,host3=host4:8080`, "requests for host1 go to host2, those for host3 to host4
 * on port 8080". The left side is compared with the request's Host as it stands there, with its port if it names one.
 * The value is read up to the pair that names the host, as netramesh 0.10 read it: what follows is not looked at.
 */
import { formatAddress, unmapIp } from "../../address.ts";

/** Where a request is routed to. */
export interface Route {
  /** A name, or an IP address in canonical text. */
  readonly host: string;
  readonly isIp: boolean;
  readonly port: number;
  /** `host:port`, IPv6 in brackets: equal for equal routes. */
  readonly text: string;
}

/**
 * - `unchanged`: no pair names the host.
 * - `loop`: the pair leads to where the request goes anyway.
 */
export type Routed = Route | "unchanged" | "loop" | "malformed";

/** The port of a right side that names none, as in netramesh 0.10. */
const DEFAULT_PORT = 80;
const MOST_PORT = 65_535;
const DESTINATION = /^(?:\[([\da-f:.]+)\]|([a-z\d._-]{1,253}))(?::(\d{1,5}))?$/i;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** Where `value` sends a request for `host`. */
export function readRoutingValue(value: string, host: string): Routed {
  const wanted = host.toLowerCase();
  for (const pair of value.split(",")) {
    const equals = pair.indexOf("=");
    if (equals < 0) return "malformed";
    const left = pair.slice(0, equals).trim().toLowerCase();
    if (left === wanted && left !== "") return readDestination(pair.slice(equals + 1).trim(), left);
  }
  return "unchanged";
}

function readDestination(right: string, left: string): Route | "loop" | "malformed" {
  const route = parseRoute(right);
  if (route === null) return "malformed";
  return parseRoute(left)?.text === route.text ? "loop" : route;
}

/** `host`, `host:port`, `[IPv6]` or `[IPv6]:port`; null for anything else. */
function parseRoute(text: string): Route | null {
  const [, ipv6, name = "", digits = String(DEFAULT_PORT)] = DESTINATION.exec(text) ?? [];
  const host = ipv6 === undefined ? readName(name) : readIpv6(ipv6);
  const port = Number(digits);
  if (host === null || port < 1 || port > MOST_PORT) return null;
  const isIp = ipv6 !== undefined || IPV4.test(host);
  return { host, isIp, port, text: formatAddress({ ip: host, port }) };
}

/** A name is compared without case; digits that look like an IPv4 address must be one, and the same to everybody. */
function readName(text: string): string | null {
  const isSound =
    !IPV4.test(text) || text.split(".").every((byte) => String(Math.min(Number(byte), 255)) === byte);
  return text !== "" && isSound ? text.toLowerCase() : null;
}

function readIpv6(text: string): string | null {
  const canonical = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  return canonical === undefined ? null : unmapIp(canonical);
}
