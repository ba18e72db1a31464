const IP = Bun.which("ip") ?? "ip";

/**
 * A new network namespace. `ip` returns from it to the network it came from, which the root of a user namespace
 * may not do to the machine's own: so it comes from a throwaway one. Throws with the words of `ip`.
 */
export function addNamespace(name: string): void {
  const add = Bun.spawnSync(["unshare", "--net", IP, "netns", "add", name]);
  if (add.exitCode !== 0) throw new Error(`ip netns add ${name}: ${add.stderr.toString().trim()}`);
}

/**
 * Runs `ip` commands inside `namespace`, many in one process: a process costs more than the commands it runs.
 * Throws with the words of `ip` when a command fails; those after it are not run.
 */
export function ipBatch(commands: readonly string[], namespace: string): void {
  const stdin = Buffer.from(commands.join("\n"));
  const batch = Bun.spawnSync([IP, "-n", namespace, "-batch", "-"], { stdin });
  if (batch.exitCode === 0) return;
  throw new Error(`ip -n ${namespace}: ${batch.stderr.toString().trim()}, in\n${commands.join("\n")}`);
}

/**
 * Keeps netfilter away from frames that cross a bridge in `namespace`: where br_netfilter is loaded, each would pass
 * its rules and connection tracking, which no wire has.
 */
export function keepNetfilterOffBridges(namespace: string): void {
  const write =
    "for file in /proc/sys/net/bridge/bridge-nf-call-*; do [ -f $file ] && echo 0 > $file; done; true";
  Bun.spawnSync([IP, "netns", "exec", namespace, "/bin/sh", "-c", write]);
}

/** The network namespaces `ip netns` knows, by name. */
export function listNamespaces(): string[] {
  const list = Bun.spawnSync([IP, "netns", "list"]).stdout.toString();
  return list
    .split("\n")
    .map((line) => line.split(" ")[0]!)
    .filter((name) => name !== "");
}

/** Kills every process that runs in `namespaces`, then removes them. What is gone already is no error. */
export function removeNamespaces(namespaces: readonly string[]): void {
  for (const name of namespaces) {
    const pids = Bun.spawnSync([IP, "netns", "pids", name]).stdout.toString();
    for (const pid of pids.split("\n").filter(Boolean)) killNow(Number(pid));
  }
  const commands = namespaces.map((name) => `netns del ${name}`).join("\n");
  Bun.spawnSync([IP, "-force", "-batch", "-"], { stdin: Buffer.from(commands) });
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself between our look and our signal.
  }
}
