import type { Action, Draft, Match } from "./plan.ts";

const OF_ACTION: Partial<Record<Action["kind"], readonly string[]>> = {
  redirect: ["nft_redir", "nft_counter"],
  drop: ["nft_counter"],
  reject: ["nft_reject_inet", "nft_counter"],
};
const OF_MATCH: Partial<Record<Match["kind"], readonly string[]>> = {
  local: ["nft_fib", "nft_fib_inet"],
  invalid: ["nft_ct"],
  "not-redirected": ["nft_ct"],
};

/** The kernel modules that a rule needs, in words; nf_tables itself if no other. */
export function modulesOf({ matches, action }: Draft): string {
  const needed = [...matches.flatMap(({ kind }) => OF_MATCH[kind] ?? []), ...(OF_ACTION[action.kind] ?? [])];
  return needed.length > 0 ? needed.join(" and ") : "nf_tables";
}
