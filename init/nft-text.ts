import type { Action, Match, Plan, Rule } from "./plan.ts";
import { formatRange } from "./ranges.ts";

const TABLE = "table inet netramesh";

/**
 * The plan in nft's own language. Loading it with `nft -f` does what applying the plan does: the first two
 * lines make sure that no older table is left, and a file is one transaction.
 */
export function planText(plan: Plan): string {
  const chains = plan.chains.map(({ name, why }) => {
    const head = `type nat hook ${name} priority -101; policy accept;`;
    const rules = plan.rules.filter((rule) => rule.chain === name).map(ruleText);
    return [`  # ${why}`, `  chain ${name} {`, ...[head, ...rules].map((line) => `    ${line}`), "  }"].join(
      "\n",
    );
  });
  return `${cleanupText()}${TABLE} {\n  comment "${plan.label}"\n\n${chains.join("\n\n")}\n}\n`;
}

/** Removes the table whether it is there or not: creating what exists is no error, deleting what does not is. */
export function cleanupText(): string {
  return `${TABLE}\ndelete ${TABLE}\n`;
}

/** One rule with its reason. */
export function ruleText({ match, action, why }: Rule): string {
  return `${matchText(match)} ${actionText(action)} comment "${why}"`;
}

function matchText(match: Match): string {
  switch (match.kind) {
    case "tcp":
      return "meta l4proto tcp";
    case "not-tcp":
      return "meta l4proto != tcp";
    case "port":
      return `tcp dport ${formatRange(match.range)}`;
    case "user":
      return `meta skuid ${formatRange(match.range)}`;
    case "group":
      return `meta skgid ${formatRange(match.range)}`;
    case "loopback4":
      return "ip daddr 127.0.0.0/8";
    case "loopback6":
      return "ip6 daddr ::1";
    case "link-local6":
      return "ip6 daddr fe80::/10";
    case "random":
      return `meta random >= ${match.threshold}`;
  }
}

function actionText(action: Action): string {
  return action.kind === "return" ? "return" : `counter redirect to :${action.port}`;
}
