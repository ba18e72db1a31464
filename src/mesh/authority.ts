/** `host[:port]` (RFC 9110 section 7.2) in received bytes. */
import { COLON } from "../http1/chars.ts";

const BRACKET = 93;

/** Where the colon before the port stands; `end` if there is none. An IPv6 address has colons inside brackets. */
export function portColon(buf: Uint8Array, start: number, end: number): number {
  for (let i = end - 1; i >= start && buf[i] !== BRACKET; i--) if (buf[i] === COLON) return i;
  return end;
}

/** 0 if there is none or it cannot be one. */
export function readPort(buf: Uint8Array, start: number, end: number): number {
  let port = 0;
  for (let i = start; i < end; i++) {
    const digit = buf[i]! - 48;
    if (digit < 0 || digit > 9 || port > 65_535) return 0;
    port = 10 * port + digit;
  }
  return port > 65_535 ? 0 : port;
}
