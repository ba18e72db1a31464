import { join } from "node:path";
import type { Pod } from "../../examples/lab/pod.ts";
import { PATH } from "../stage/nginx.ts";

/** Runs one of this folder's scripts in `pod` to its end; resolves to the JSON it prints. */
export function runScript<T>(pod: Pod, name: string, ...args: (string | number)[]): Promise<T> {
  return runForJson(pod, scriptCommand(name, args));
}

/** Runs `command` in `pod` to its end; resolves to the JSON it prints. Throws if its exit code is not 0. */
export async function runForJson<T>(pod: Pod, command: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await pod.run(command, { env: PATH });
  if (code !== 0) throw new Error(`${command.join(" ")} ended with exit code ${code}: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

/** The command that runs one of this folder's scripts. */
export function scriptCommand(name: string, args: readonly (string | number)[]): string[] {
  return [process.execPath, join(import.meta.dir, name), ...args.map(String)];
}
