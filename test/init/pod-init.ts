import type { Pod } from "../../examples/lab/pod.ts";
import { runInit } from "../../init/run.ts";
import type { InitOptions } from "../../init/task.ts";
import { MemoryLog } from "../fakes/log.ts";
import { inNamespace } from "../ffi/namespace.ts";

export interface PodInit {
  readonly code: number;
  readonly out: string;
  readonly lines: readonly string[];
}

/** Runs init in a pod's network namespace. */
export function initIn(
  pod: Pod,
  env: Record<string, string> = {},
  options: Partial<InitOptions> = {},
): PodInit {
  const log = new MemoryLog();
  let out = "";
  const write = (text: string) => {
    out += text;
  };
  const all: InitOptions = { env, action: "apply", out: write, log, ...options };
  const code = inNamespace(pod.namespace, () => runInit(all));
  return { code, out, lines: log.lines };
}

/** Runs nft in a pod's network namespace; throws with its words if it fails. */
export function nft(pod: Pod, args: readonly string[], stdin = ""): string {
  const done = inNamespace(pod.namespace, () =>
    Bun.spawnSync(["nft", ...args], { stdin: Buffer.from(stdin) }),
  );
  if (done.exitCode !== 0) throw new Error(`nft ${args.join(" ")}: ${done.stderr}`);
  return done.stdout.toString();
}

/** The whole ruleset of a pod as nft sees it, without handles and counter values. */
export function ruleset(pod: Pod): unknown[] {
  const { nftables } = JSON.parse(nft(pod, ["-j", "list", "ruleset"]), (key, value) =>
    key === "handle" || key === "packets" || key === "bytes" ? undefined : value,
  );
  return nftables.slice(1);
}

/** The same as text, which unlike nft's JSON shows the comment of a table. */
export function listing(pod: Pod): string {
  return nft(pod, ["-s", "list", "ruleset"]);
}
