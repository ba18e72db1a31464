/** Starts the binary of a root file system as a scratch container would: chroot, /proc and /dev, uid 1337. */

const READY = "listens on port";
const PATIENCE_MS = 20_000;

/** Says what was tried; throws with the output if the sidecar does not start, or does not end well on SIGTERM. */
export async function smokeTest(rootfs: string): Promise<string> {
  if (process.getuid!() !== 0) {
    await startOnce([`${rootfs}/usr/local/bin/netramesh`]);
    return "smoke test: it starts (without root neither chroot nor uid 1337 could be tried)";
  }
  const enter =
    'mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && shift && exec chroot --userspec=1337:1337 "$@"';
  const inside = ["chroot", rootfs, rootfs, "/usr/local/bin/netramesh"];
  await startOnce(["unshare", "--mount", "--net", "sh", "-c", enter, ...inside]);
  return "smoke test: it starts in a chroot of dist/rootfs as uid 1337 and ends on SIGTERM";
}

async function startOnce(command: string[]): Promise<void> {
  const child = Bun.spawn([...command, "--service-name", "smoke-test"], {
    env: { NETRA_PORT: "47956", NETRA_DRAIN_GRACE_MILLISECONDS: "0" },
    stdout: "ignore",
    stderr: "pipe",
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  let output = "";
  let told = false;
  const decoder = new TextDecoder();
  for await (const bytes of child.stderr) {
    output += decoder.decode(bytes, { stream: true });
    if (!told && output.includes(READY)) {
      told = true;
      child.kill("SIGTERM");
    }
  }
  clearTimeout(timer);
  if ((await child.exited) !== 0 || !told) throw new Error(`the binary does not start:\n${output}`);
}
