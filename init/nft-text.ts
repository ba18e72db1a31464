import { formatInterface } from "./interface-name.ts";
import { formatNetwork, isIp6, type Network } from "./network.ts";
import type { Action, Chain, Draft, End, Match, Plan } from "./plan.ts";
import { formatRange, type Range } from "./ranges.ts";

const TABLE = "table inet netramesh";

/**
 * The plan in nft's own language. Loading it with `nft -f` does what applying the plan does: the first two
 * lines make sure that no older table is left, and a file is one transaction.
 */
export function planText(plan: Plan): string {
  const sets = portSets(plan).map(({ set, ranges }) => block(`set ${set}`, setLines(ranges)));
  const chains = plan.chains.map((chain) => {
    const rules = plan.rules.filter((rule) => rule.chain === chain.name).map(ruleText);
    return `  # ${chain.why}\n${block(`chain ${chain.name}`, [chainText(chain), ...rules])}`;
  });
  return `${cleanupText()}${TABLE} {\n  comment "${plan.label}"\n\n${[...sets, ...chains].join("\n\n")}\n}\n`;
}

/** Removes the table whether it is there or not: creating what exists is no error, deleting what does not is. */
export function cleanupText(): string {
  return `${TABLE}\ndelete ${TABLE}\n`;
}

/** One rule with its reason. */
export function ruleText(rule: Draft): string {
  return `${bareRuleText(rule)} comment "${rule.why}"`;
}

/** One rule without its reason. */
export function bareRuleText({ matches, action }: Draft): string {
  return [...matches.map(matchText), actionText(action)].join(" ");
}

/** `type nat hook output priority -101; policy accept;` */
export function chainText({ type, hook, priority }: Chain): string {
  return `type ${type} hook ${hook} priority ${priority}; policy accept;`;
}

/** The long lists of ports that rules of the plan refer to by name. */
export function portSets({ rules }: Plan): Extract<Match, { kind: "ports" }>[] {
  return rules.flatMap(({ matches }) => matches).filter((match) => match.kind === "ports");
}

function block(head: string, lines: readonly string[]): string {
  return [`  ${head} {`, ...lines.map((line) => `    ${line}`), "  }"].join("\n");
}

function setLines(ranges: readonly Range[]): string[] {
  const elements = ranges.map(formatRange).join(", ");
  return ["type inet_service;", "flags interval;", `elements = { ${elements} };`];
}

function matchText(match: Match): string {
  switch (match.kind) {
    case "tcp":
      return "meta l4proto tcp";
    case "not-tcp":
      return "meta l4proto != tcp";
    case "port":
      return `tcp dport ${formatRange(match.range)}`;
    case "ports":
      return `tcp dport @${match.set}`;
    case "mid-stream":
      return "tcp flags & syn == 0";
    case "user":
      return `meta skuid ${formatRange(match.range)}`;
    case "group":
      return `meta skgid ${formatRange(match.range)}`;
    case "network":
      return networkText(match.end, match.network);
    case "interface":
      return `${match.end === "source" ? "iifname" : "oifname"} "${formatInterface(match.name)}"`;
    case "local":
      return `fib daddr type ${match.is ? "" : "!= "}local`;
    case "random":
      return `meta random >= ${match.threshold}`;
    case "invalid":
      return "ct state invalid";
    case "not-redirected":
      return "ct status & dnat == 0";
  }
}

function networkText(end: End, network: Network): string {
  const field = end === "source" ? "saddr" : "daddr";
  return `${isIp6(network) ? "ip6" : "ip"} ${field} ${formatNetwork(network)}`;
}

function actionText(action: Action): string {
  switch (action.kind) {
    case "return":
      return "return";
    case "redirect":
      return `counter redirect to :${action.port}`;
    case "drop":
      return "counter drop";
    case "reject":
      return "counter reject with tcp reset";
  }
}
