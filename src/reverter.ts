/**
 * Who undoes rules that nobody confirms: a process of its own, in a session of its own and deaf to SIGHUP, because
 * the rules it watches may cut the terminal that they were made from. It runs before there are rules; what it may
 * undo carries its mark, and confirming takes the mark off, so neither needs to find the other.
 */
import { resolve } from "node:path";

const READY = "ready";
const MARK_BYTES = 4;

export interface Reverter {
  /** Names the rules that it will undo. */
  readonly mark: string;
  /** Lets the time begin, now that the rules are there; when it ends. */
  begin(): Date;
  stop(): void;
}

/** Starts one for rules that are about to be made in this namespace or another; null if it does not come up. */
export async function startReverter(delayMs: number, netns: string | null): Promise<Reverter | null> {
  const mark = crypto.getRandomValues(new Uint8Array(MARK_BYTES)).toHex();
  const place = netns === null ? [] : ["--netns", resolve(netns)];
  const words = ["init", "--revert", mark, "--revert-after", `${delayMs}ms`, ...place];
  const child = Bun.spawn([...thisProgram(), ...words], {
    env: process.env,
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const { value } = await child.stdout.getReader().read();
  if (new TextDecoder().decode(value) !== READY) return null;
  child.unref();
  return {
    mark,
    begin() {
      child.stdin.end();
      return new Date(Date.now() + delayMs);
    },
    stop: () => child.kill(),
  };
}

/**
 * In that process: says that it is there, then waits. The time begins when standard input ends: when the rules are
 * there, or whoever was to make them is not. Rules that took longer than the time would else never be undone.
 */
export async function waitToRevert(delayMs: number): Promise<void> {
  process.on("SIGHUP", () => {});
  await Bun.write(Bun.stdout, READY);
  await Bun.stdin.bytes();
  await Bun.sleep(delayMs);
}

/** How to start what runs here: a compiled binary brings its own sources. */
function thisProgram(): string[] {
  return Bun.main.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, Bun.main];
}
