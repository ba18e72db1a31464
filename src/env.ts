/**
 * One environment string → one value. A parser returns the value, or a `Bad` that says what would be right; the
 * caller adds the name. Empty or unset is never seen here: it means the default.
 */
export class Bad {
  constructor(readonly expected: string) {}
}

export type Parser<T> = (text: string) => T | Bad;

/** A base-10 integer in `lo..hi`. */
export function integer(lo: number, hi: number): Parser<number> {
  return (text) => {
    const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return value >= lo && value <= hi ? value : new Bad(`a whole number from ${lo} to ${hi}`);
  };
}

/** A TCP or UDP port, 1..65535. */
export const port: Parser<number> = (text) => {
  const value = integer(1, 65535)(text);
  return value instanceof Bad ? new Bad("a port from 1 to 65535") : value;
};

/** Milliseconds; zero and less are the caller's to interpret. */
export const millis: Parser<number> = (text) => {
  const value = integer(-2_147_483_648, 2_147_483_647)(text);
  return value instanceof Bad ? new Bad("a whole number of milliseconds") : value;
};

/** A finite decimal number in `lo..hi`. */
export function decimal(lo: number, hi: number): Parser<number> {
  return (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    return value >= lo && value <= hi ? value : new Bad(`a number from ${lo} to ${hi}`);
  };
}

/** One of `values`, compared without case. */
export function oneOf<T extends string>(...values: T[]): Parser<T> {
  return (text) => values.find((v) => v === text.toLowerCase()) ?? new Bad(`one of ${values.join(", ")}`);
}

/** Comma-separated items, each trimmed and parsed; empty items are skipped. */
export function listOf<T>(item: Parser<T>): Parser<T[]> {
  return (text) => {
    const values: T[] = [];
    for (const part of text.split(",")) {
      if (part.trim() === "") continue;
      const value = item(part.trim());
      if (value instanceof Bad) return new Bad(`a comma-separated list, each item ${value.expected}`);
      values.push(value);
    }
    return values;
  };
}

const GO_TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const GO_FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** A boolean as Go's strconv.ParseBool spells it. */
export const goBool: Parser<boolean> = (text) =>
  GO_TRUE.has(text)
    ? true
    : GO_FALSE.has(text)
      ? false
      : new Bad("true or false (1, t, T, TRUE, True, 0, f, ...)");

const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
};

/** A duration as Go's time.ParseDuration spells it (`1.5s`, `1h2m`, bare `0`), in milliseconds. */
export const goDuration: Parser<number> = (text) => {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (!match) return /^[+-]?0$/.test(text) ? 0 : new Bad("a duration with unit, such as 500ms, 1s or 1m30s");
  let total = 0;
  for (const [, amount, unit] of match[2]!.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(amount) * UNIT_MS[unit!]!;
  }
  return match[1] === "-" ? -total : total;
};

/** An HTTP field name (RFC 9110 section 5.6.2 token). */
export const headerName: Parser<string> = (text) =>
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(text) ? text : new Bad("a header name");

/** An HTTP field value that cannot end its line: visible ASCII, spaces only inside. */
export const headerValue: Parser<string> = (text) =>
  /^[\x21-\x7e]([\x20-\x7e]{0,1022}[\x21-\x7e])?$/.test(text)
    ? text
    : new Bad("visible ASCII characters, spaces only inside, at most 1024");
