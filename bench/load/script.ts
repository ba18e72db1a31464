import { join } from "node:path";
import type { Pod } from "../../examples/lab/pod.ts";

/** Runs one of this folder's scripts in `pod` to its end; resolves to the JSON it prints. */
export async function runScript<T>(pod: Pod, name: string, ...args: (string | number)[]): Promise<T> {
  const { code, stdout, stderr } = await pod.run(scriptCommand(name, args));
  if (code !== 0) throw new Error(`${name} ended with exit code ${code}: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

/** The command that runs one of this folder's scripts. */
export function scriptCommand(name: string, args: readonly (string | number)[]): string[] {
  return [process.execPath, join(import.meta.dir, name), ...args.map(String)];
}
