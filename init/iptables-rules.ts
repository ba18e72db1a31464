/**
 * A rule in the language of iptables, word for word as iptables-save prints it, so that what was put in place can
 * be compared with what is there. No comments: one module less that a sandbox must have.
 */
import { formatInterface, type InterfaceName } from "./interface-name.ts";
import { isIp6, type Network } from "./network.ts";
import type { Action, Draft, End, Match } from "./plan.ts";
import { formatRange, type Range } from "./ranges.ts";

export type IpVersion = 4 | 6;

/** `-m multiport` takes 15 ports, a range counting as two. */
const MULTIPORT_MAX = 15;
/** `-m statistic` compares 31 random bits, and prints eleven digits. */
const TWO_TO_31 = 2 ** 31;
const TWO_TO_32 = 2 ** 32;
const DIGITS = 11;

/** The lines of one rule, behind `-A CHAIN `: none if no packet of this version can match, several for a long list. */
export function ruleLines({ matches, action }: Draft, version: IpVersion): string[] {
  let lines: Words[][] = [[]];
  for (const match of matches) {
    const ways = matchWords(match, version);
    lines = lines.flatMap((line) => ways.map((way) => [...line, way]));
  }
  return lines.map((line) => [...inOrder(line), `-j ${target(action)}`].join(" "));
}

/** One way to match: an address or interface, `tcp` or not, an extension. */
interface Words {
  readonly where?: string;
  readonly protocol?: "-p tcp" | "! -p tcp";
  readonly extension?: string;
}

const TCP = "-p tcp";

/** As iptables-save prints them: addresses and interfaces, then the protocol, then extensions. */
function inOrder(line: readonly Words[]): string[] {
  const protocol = line.find((words) => words.protocol)?.protocol;
  return [
    ...line.flatMap(({ where }) => where ?? []),
    ...(protocol ? [protocol] : []),
    ...line.flatMap(({ extension }) => extension ?? []),
  ];
}

function matchWords(match: Match, version: IpVersion): Words[] {
  switch (match.kind) {
    case "tcp":
      return [{ protocol: TCP }];
    case "not-tcp":
      return [{ protocol: "! -p tcp" }];
    case "port":
      return [{ protocol: TCP, extension: `-m tcp --dport ${rangeText(match.range)}` }];
    case "ports":
      return chunks(match.ranges).map((ranges) => ({
        protocol: TCP,
        extension: `-m multiport --dports ${ranges.map(rangeText).join()}`,
      }));
    case "mid-stream":
      return [{ protocol: TCP, extension: "-m tcp --tcp-flags SYN NONE" }];
    case "user":
      return [{ extension: `-m owner --uid-owner ${formatRange(match.range)}` }];
    case "group":
      return [{ extension: `-m owner --gid-owner ${formatRange(match.range)}` }];
    case "network":
      return ofNetwork(match.end === "source" ? "-s" : "-d", match.network, version);
    case "interface":
      return [{ where: interfaceText(match.end, match.name) }];
    case "local":
      return [{ extension: `-m addrtype ${match.is ? "" : "! "}--dst-type LOCAL` }];
    case "random":
      return [{ extension: `-m statistic --mode random --probability ${share(match.threshold)}` }];
    case "invalid":
      return [{ extension: "-m conntrack --ctstate INVALID" }];
    case "not-redirected":
      return [{ extension: "-m conntrack ! --ctstate DNAT" }];
  }
}

function interfaceText(end: End, name: InterfaceName): string {
  return `${end === "source" ? "-i" : "-o"} ${formatInterface(name).replace("*", "+")}`;
}

function target(action: Action): string {
  switch (action.kind) {
    case "return":
      return "RETURN";
    case "redirect":
      return `REDIRECT --to-ports ${action.port}`;
    case "drop":
      return "DROP";
    case "reject":
      return "REJECT --reject-with tcp-reset";
  }
}

/** A network that holds every address is not written at all. */
function ofNetwork(option: string, network: Network, version: IpVersion): Words[] {
  if ((version === 6) !== isIp6(network)) return [];
  return network.prefix === 0 ? [{}] : [{ where: `${option} ${network.ip}/${network.prefix}` }];
}

/** The share of numbers from `threshold` on. */
function share(threshold: number): string {
  const passing = Math.round((1 - threshold / TWO_TO_32) * TWO_TO_31);
  return (passing / TWO_TO_31).toFixed(DIGITS);
}

function chunks(ranges: readonly Range[]): Range[][] {
  const all: Range[][] = [[]];
  let room = MULTIPORT_MAX;
  for (const range of ranges) {
    const cost = range.first === range.last ? 1 : 2;
    if (cost > room) {
      all.push([]);
      room = MULTIPORT_MAX;
    }
    all.at(-1)!.push(range);
    room -= cost;
  }
  return all;
}

function rangeText({ first, last }: Range): string {
  return first === last ? `${first}` : `${first}:${last}`;
}
