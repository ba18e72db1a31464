import { Bad, integer, listOf, type Parser } from "../src/env.ts";

/** Every number from `first` to `last`, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

const PORT_MAX = 65_535;
/** 2^32 - 1 means "no id" to the kernel. */
const ID_MAX = 4_294_967_294;

/** There is no /etc/services in an empty image: these two names are understood, the rest are asked for as numbers. */
const SERVICES: ReadonlyMap<string, string> = new Map([
  ["http", "80"],
  ["https", "443"],
]);

/** A port as iptables understood it: `80`, `http`, `8000:8080`, `8000-8080`, `9000:`, `:1023`. */
const portRange: Parser<Range> = (text) => {
  const [, low = "", separator, high = ""] = /^([^:-]*)([:-]?)([^:-]*)$/.exec(text) ?? [];
  const open = separator === ":" && low + high !== "";
  const first = portNumber(low === "" && open ? "1" : low);
  const last = separator ? portNumber(high === "" && open ? `${PORT_MAX}` : high) : first;
  return first > 0 && first <= last
    ? { first, last }
    : new Bad("a port or range (80, 8000:8080, 8000-8080) from 1 to 65535, or http or https");
};

function portNumber(text: string): number {
  const value = integer(1, PORT_MAX)(SERVICES.get(text) ?? text);
  return value instanceof Bad ? Number.NaN : value;
}

/** A numeric user or group id, or a range `1000-1999`. */
const idRange: Parser<Range> = (text) => {
  const [, low = "", high = low] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [first, last] = [integer(0, ID_MAX)(low), integer(0, ID_MAX)(high)];
  return typeof first === "number" && typeof last === "number" && first <= last
    ? { first, last }
    : new Bad(`a numeric id or range (1337, 1000-1999) from 0 to ${ID_MAX}`);
};

/** Ports, and the users whose connections to them are meant. */
export interface UserPorts {
  readonly users: Range;
  readonly ports: Range;
}

/** `1000/5432`, `1000-1999/8000-8100`: users before the slash, ports behind it. */
export const userPorts: Parser<UserPorts> = (text) => {
  const [, before = "", behind = ""] = /^([^/]*)\/([^/]*)$/.exec(text) ?? [];
  const [users, ports] = [idRange(before), portRange(behind)];
  return users instanceof Bad || ports instanceof Bad
    ? new Bad("USER/PORT, both a number or a range (1000/5432, 1000-1999/8000-8100)")
    : { users, ports };
};

/** A list of ports and ranges, sorted, overlaps joined. */
export const portList: Parser<readonly Range[]> = rangeList(portRange);

/** `*` is every port (null); otherwise a list of ports and ranges, sorted, overlaps joined. */
export const portSelection: Parser<readonly Range[] | null> = (text) => {
  if (text === "*") return null;
  const ranges = rangeList(portRange)(text);
  return ranges instanceof Bad ? new Bad(`* or ${ranges.expected}`) : ranges;
};

/** A list of ids and ranges of ids, sorted, overlaps joined. */
export const idSelection: Parser<readonly Range[]> = rangeList(idRange);

function rangeList(item: Parser<Range>): Parser<Range[]> {
  return (text) => {
    const ranges = listOf(item)(text);
    if (ranges instanceof Bad) return ranges;
    return ranges.length > 0 ? joinRanges(ranges) : new Bad("a comma-separated list with at least one item");
  };
}

/** True if one of the ranges has the number. */
export function includes(ranges: readonly Range[], number: number): boolean {
  return ranges.some(({ first, last }) => first <= number && number <= last);
}

/** The same numbers in ascending ranges that neither overlap nor touch. */
function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = joined.at(-1);
    if (previous === undefined || range.first > previous.last + 1) joined.push(range);
    else joined[joined.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
  }
  return joined;
}

/** `80` or `8000-8080`, which is nft's own way, and iptables' for ids. */
export function formatRange({ first, last }: Range): string {
  return first === last ? `${first}` : `${first}-${last}`;
}
