/** How long a pod waits: from a program's start until it listens, or, for init, until it is done. */
import type { LaunchOrder } from "../load/launch.ts";
import { runForJson, scriptCommand } from "../load/script.ts";
import { rulesCommand, SIDECAR } from "../stage/netramesh.ts";
import type { Stage } from "../stage/stage.ts";
import type { Target } from "../stage/target.ts";
import { summarize } from "../statistics.ts";
import type { Experiment, Figures } from "./experiment.ts";

const TIMES = 7;
// Paths, because what is started has an environment of its own, often without PATH.
const SETPRIV = Bun.which("setpriv") ?? "setpriv";
const CHROOT = Bun.which("chroot") ?? "chroot";
/** The mount is seen by this command only: `ip netns exec` gives each command its own mount table. */
const MOUNT_PROC_THEN = 'mount -t proc proc "$1/proc" && shift && exec "$@"';

export const start: Experiment = {
  name: "start",
  title: `medians of ${TIMES} warm starts: until it listens; the same from its image; init until it is done`,
  share: 0.35,
  includes: (target) => target.hasProxy,
  async measure(stage, target) {
    await target.stop();
    const figures = { "start ms": await startMs(target), ...(await imageAndInit(stage, target)) };
    await target.restart();
    return figures;
  },
};

function startMs(target: Target): Promise<number> {
  const { command, options, port } = target.launch!;
  const { uid = 0, gid = 0, env = {} } = options;
  // Everybody pays for setpriv, also those who need none.
  const user = [SETPRIV, `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  return median(target, { command: [...user, ...command], env, port, undo: null });
}

/** Only netramesh has them, and in each of its modes the same. */
async function imageAndInit(stage: Stage, target: Target): Promise<Figures> {
  if (!target.name.endsWith("traced")) return {};
  const init = { "init ms": await initMs(target) };
  const isFromImage = target.plan.redirect!.binary === stage.binaries[0]!.path;
  return isFromImage && stage.rootfs !== null
    ? { "image ms": await imageMs(target, stage.rootfs), ...init }
    : init;
}

/** The rules are away before each time and in place in the end. */
async function initMs(target: Target): Promise<number> {
  const { binary, port } = target.plan.redirect!;
  const { command, env } = rulesCommand(binary, port);
  const tookMs = await median(target, { command, env, port: null, undo: [...command, "--cleanup"] });
  Bun.spawnSync(target.pod.argv(command), { env });
  return tookMs;
}

function imageMs(target: Target, rootfs: string): Promise<number> {
  const { command, options, port } = target.launch!;
  const user = `--userspec=${SIDECAR.uid}:${SIDECAR.gid}`;
  const inside = [CHROOT, user, rootfs, "/usr/local/bin/netramesh", ...command.slice(1)];
  const order = { command: inside, env: { ...options.env }, port, undo: null };
  return median(target, order, ["/bin/sh", "-c", MOUNT_PROC_THEN, "sh", rootfs]);
}

async function median(
  { pod }: Target,
  order: Omit<LaunchOrder, "times">,
  launcher: readonly string[] = [],
): Promise<number> {
  const script = scriptCommand("launch.ts", [JSON.stringify({ ...order, times: TIMES })]);
  return summarize(await runForJson<number[]>(pod, [...launcher, ...script])).median;
}
