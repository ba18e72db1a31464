/** Starts a binary once, where the user may in a network of its own. */
import { basename, join } from "node:path";

const READY = "listens on port";
const PATIENCE_MS = 20_000;

// What a container gets mounted. An emulator ("$2", if not empty) is put where the image has nothing.
const ENTER = `
  mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/tmp" || exit 1
  if [ -n "$2" ]; then cp "$2" "$1/tmp/" || exit 1; fi
  root=$1; shift 2; exec chroot --userspec=1337:1337 "$root" "$@"`;

/** Throws with the output if the sidecar does not start, or does not end well on SIGTERM. */
export async function smokeTest(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command, "--service-name", "smoke-test"], {
    env: { NETRA_PORT: freePort(), NETRA_DRAIN_GRACE_MILLISECONDS: "0" },
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

/** Of another build, or of a sidecar, there may be one at the same time. */
function freePort(): string {
  const server = Bun.listen({ hostname: "0.0.0.0", port: 0, socket: { data() {} } });
  server.stop(true);
  return String(server.port);
}

/**
 * The command that starts the binary of a root file system as a container would: chroot, /proc, /dev and /tmp, a
 * network of its own, uid 1337. Needs root. `emulator` is the path of a static program that runs foreign binaries.
 */
export function inRootfs(rootfs: string, emulator: string | null): string[] {
  const prefix = emulator === null ? [] : [join("/tmp", basename(emulator))];
  const enter = ["unshare", "--mount", "--net", "sh", "-c", ENTER, "sh", rootfs, emulator ?? ""];
  return [...enter, ...prefix, "/usr/local/bin/netramesh"];
}
