/**
 * Environment variables. A parser makes one value of one string, or a `Bad` that says what would be right; it never
 * sees an empty one. `EnvReader` adds the names, the defaults and the list of everything that is wrong.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export class Bad {
  constructor(readonly expected: string) {}
}

/** A value that stands although not all of its text can be meant, and one warning for each part that cannot. */
export class Doubtful<T> {
  constructor(
    readonly value: T,
    readonly warnings: readonly string[],
  ) {}
}

export type Parser<T> = (text: string) => T | Bad;

/** A parser of what 0.10 took: it warns where another would refuse. */
export type LenientParser<T> = (text: string) => T | Bad | Doubtful<T>;

/** A variable whose value cannot be meant, and what would be right. */
export interface Problem {
  readonly variable: string;
  readonly value: string;
  readonly expected: string;
}

/** One line for a person: `NETRA_PORT="abc" is not a port from 1 to 65535`. */
export function formatProblem({ variable, value, expected }: Problem): string {
  return `${variable}=${JSON.stringify(withoutSecrets(value))} is not ${expected}`;
}

/** What stands where URLs have users, passwords and queries; what is wrong with a value may be that it is hardly one. */
function withoutSecrets(value: string): string {
  return value.replace(/^(\w+:\/*)?.*@/s, "$1***@").replace(/\?.*/s, "?***");
}

/** Reads variables one by one and goes on after a wrong one, so that all are found. Empty counts as unset. */
export class EnvReader {
  readonly problems: Problem[] = [];
  /** What is accepted but probably not meant. */
  readonly warnings: string[] = [];

  constructor(readonly environment: Environment) {}

  /** `fallback` if the variable is unset, and also, with a problem noted, if it is wrong. */
  value<T>(variable: string, fallback: T, parse: LenientParser<T>): T {
    const text = this.environment[variable];
    if (!text) return fallback;
    const value = parse(text);
    if (value instanceof Bad) {
      this.problems.push({ variable, value: text, expected: value.expected });
      return fallback;
    }
    if (!(value instanceof Doubtful)) return value;
    this.warnings.push(...value.warnings.map((warning) => `${variable}: ${warning}`));
    return value.value;
  }

  /** Like `value`; zero and less mean the fallback, as in Go's clients. */
  positive(variable: string, fallback: number, parse: Parser<number>): number {
    const value = this.value(variable, fallback, parse);
    return value > 0 ? value : fallback;
  }

  /** Any text. */
  text(variable: string, fallback: string): string {
    return this.environment[variable] || fallback;
  }
}

/** Any text. */
export const anyText: Parser<string> = (text) => text;

/** `change` applied to what `parse` makes. */
export function map<A, B>(parse: Parser<A>, change: (value: A) => B): Parser<B> {
  return (text) => {
    const value = parse(text);
    return value instanceof Bad ? value : change(value);
  };
}

/** A base-10 integer in `lo..hi`. */
export function integer(lo: number, hi: number): Parser<number> {
  return (text) => {
    const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return value >= lo && value <= hi ? value : new Bad(`a whole number from ${lo} to ${hi}`);
  };
}

/** A TCP or UDP port, 1..65535, digits only. */
export const port: Parser<number> = (text) => {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= 65_535 ? value : new Bad("a port from 1 to 65535");
};

/** An IPv4 or IPv6 address without brackets. */
export const ip: Parser<string> = (text) => {
  const isIpv4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split(".").every((byte) => Number(byte) <= 255);
  const isIpv6 = /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
  return isIpv4 || isIpv6 ? text : new Bad("an IP address");
};

/** `host:port`, the host a name or an address; IPv6 in brackets, which are dropped. */
export const hostAndPort: Parser<{ host: string; port: number }> = (text) => {
  const [, ipv6, name = ipv6, digits = ""] = /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+)):(.*)$/i.exec(text) ?? [];
  const number = port(digits);
  return name && typeof number === "number" ? { host: name, port: number } : new Bad("host:port");
};

/** The longest time a timer can wait: 24.8 days. */
export const LONGEST_MS = 2_147_483_647;

/** Milliseconds, cut to what a timer can wait; zero and less are the caller's to interpret. */
export const millis: Parser<number> = (text) => {
  const value = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)(text);
  return value instanceof Bad ? new Bad("a whole number of milliseconds") : Math.min(value, LONGEST_MS);
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

/** `true` or `false`, in any case. */
export const bool: Parser<boolean> = map(oneOf("true", "false"), (text) => text === "true");

/** On for exactly `true`. 0.10 took anything else for off, so nothing is refused. */
export const onSwitch: LenientParser<boolean> = (text) =>
  text === "true" || text === "false"
    ? text === "true"
    : new Doubtful(false, [`${JSON.stringify(text)} counts as off: only "true" turns it on`]);

/** The items of a comma-separated list, trimmed; empty ones are skipped. */
export function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** A comma-separated list of at least one item, each parsed. */
export function listOf<T>(item: Parser<T>): Parser<T[]> {
  return (text) => {
    const values: T[] = [];
    for (const part of splitList(text)) {
      const value = item(part);
      if (value instanceof Bad) return new Bad(`a comma-separated list, each item ${value.expected}`);
      values.push(value);
    }
    return values.length > 0 ? values : new Bad("a comma-separated list with at least one item");
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

/**
 * A duration as Go's time.ParseDuration spells it (`1.5s`, `1h2m`, bare `0`), in milliseconds, cut to what a timer can
 * wait.
 */
export const goDuration: Parser<number> = (text) => {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (!match) return /^[+-]?0$/.test(text) ? 0 : new Bad("a duration with unit, such as 500ms, 1s or 1m30s");
  let total = 0;
  for (const [, amount, unit] of match[2]!.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(amount) * UNIT_MS[unit!]!;
  }
  return match[1] === "-" ? -total : Math.min(total, LONGEST_MS);
};

/** An HTTP field name (RFC 9110 section 5.6.2 token). */
export const headerName: Parser<string> = (text) =>
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(text) ? text : new Bad("a header name");

/** What frames a message, routes it or belongs to one connection (RFC 9110 section 7, RFC 9112 sections 6 and 9). */
const HTTP_FIELDS = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const TRACE_FIELDS = [
  "b3",
  "baggage",
  "jaeger-baggage",
  "jaeger-debug-id",
  "traceparent",
  "tracestate",
  "uber-trace-id",
];
const TRACE_PREFIXES = ["x-b3-", "uberctx-"];

/** The name of an HTTP field that is the mesh's to set: what it overwrites has no meaning to anyone else. */
export const ownHeaderName: Parser<string> = (text) => {
  const name = text.toLowerCase();
  const isTaken =
    HTTP_FIELDS.includes(name) ||
    TRACE_FIELDS.includes(name) ||
    TRACE_PREFIXES.some((prefix) => name.startsWith(prefix));
  return isTaken ? new Bad("a header name that HTTP and trace propagation leave free") : headerName(text);
};

/**
 * An HTTP field value as it goes on the wire, one character per byte. What 0.10 took is taken: text that is not ASCII
 * goes out as UTF-8 (RFC 9110 section 5.5 obs-text), line ends are spaces, and spaces around the value do not count.
 */
export const headerValue: Parser<string> = (text) => {
  const value = text.replace(/[\r\n]+/g, " ").trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const isValue = value !== "" && !/[\x00-\x08\x0b-\x1f\x7f]/.test(value);
  return isValue
    ? Buffer.from(value).toString("latin1")
    : new Bad("a header value without control characters");
};
