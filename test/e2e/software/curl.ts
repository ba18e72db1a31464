/** curl in the pod `client`. */
import { expect } from "bun:test";
import { run } from "./software.ts";
import type { World } from "./worlds.ts";

/** Runs curl to its end; returns its stdout, with what the clock put there taken out. Throws what curl says. */
export async function curl({ pods }: World, ...args: readonly string[]): Promise<string> {
  const output = await run(pods.client!, "curl", "--silent", "--show-error", "--max-time", "30", ...args);
  return output.replaceAll(/^date: .+$/gim, "Date: {DATE}\r");
}

/** The SHA-256 of a file. */
export async function sha256(file: string): Promise<string> {
  return new Bun.CryptoHasher("sha256").update(await Bun.file(file).bytes()).digest("hex");
}

/** Of an output that has the heads of responses in it, their status lines. */
export function statusLines(output: string): string[] {
  return output.match(/^HTTP\/\S+ \d{3}.*(?=\r$)/gm) ?? expect.unreachable(`no response in ${output}`);
}
