/**
 * `launch.ts JSON`, with `{times, command, env, port, undo}`: runs a command again and again and prints how many
 * milliseconds passed each time, as a list: until it listens on `port`, or, if that is null, until it has ended with
 * exit code 0. Then it is killed and `undo` is run, if there is one. A first time is not counted: it warms the caches.
 */
import { connect } from "node:net";

export interface LaunchOrder {
  readonly times: number;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number | null;
  readonly undo: readonly string[] | null;
}

const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 1;
const { times, command, env, port, undo } = JSON.parse(process.argv[2]!) as LaunchOrder;

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}

async function listens(port: number, child: Bun.Subprocess): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${command[0]} ended with exit code ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error(`${command[0]} does not listen on ${port}`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

async function ended(child: Bun.Subprocess): Promise<void> {
  if ((await child.exited) !== 0) throw new Error(`${command[0]} ended with exit code ${child.exitCode}`);
}

async function launchOnce(): Promise<number> {
  const startedMs = performance.now();
  const child = Bun.spawn([...command], { env, stdio: ["ignore", "ignore", "inherit"] });
  await (port === null ? ended(child) : listens(port, child));
  const tookMs = performance.now() - startedMs;
  child.kill("SIGKILL");
  await child.exited;
  if (undo !== null) Bun.spawnSync([...undo], { env });
  return tookMs;
}

await launchOnce();
const took: number[] = [];
while (took.length < times) took.push(await launchOnce());
process.stdout.write(JSON.stringify(took));
process.exit(0);
