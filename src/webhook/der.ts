/** As much of DER (ITU-T X.690) as a certificate of fixed shape is written with. */

/** An element: tag, length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  return Buffer.concat([Uint8Array.of(tag), lengthOf(body.length), body]);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes = Buffer.from(evenHex(length.toString(16)), "hex");
  return Buffer.concat([Uint8Array.of(0x80 | bytes.length), bytes]);
}

function evenHex(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

export const sequence = (...content: readonly Uint8Array[]) => der(0x30, ...content);
export const set = (...content: readonly Uint8Array[]) => der(0x31, ...content);
export const octets = (content: Uint8Array) => der(0x04, content);
export const utf8 = (text: string) => der(0x0c, Buffer.from(text));
export const TRUE = der(0x01, Uint8Array.of(0xff));

/** Content of context-specific tag `number`, itself constructed or not. */
export const explicit = (number: number, content: Uint8Array) => der(0xa0 | number, content);
export const implicit = (number: number, content: Uint8Array) => der(0x80 | number, content);

/** A positive integer, most significant byte first. */
export function integer(bytes: Uint8Array): Uint8Array {
  const isNegative = (bytes[0] ?? 0) >= 0x80;
  return der(0x02, isNegative ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes);
}

/** Whole bytes, less the `unused` last bits. */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array {
  return der(0x03, Uint8Array.of(unused), bytes);
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return der(0x06, Uint8Array.from([40 * first + second, ...others].flatMap(base128)));
}

/** Seven bits to a byte, the last with its high bit clear. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

/** RFC 5280 section 4.1.2.5: two digits for the year until 2049, four from then on. */
export function time(at: Date): Uint8Array {
  const digits = `${at.toISOString().replace(/[-:T]|\.\d+/g, "")}`;
  return at.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}
