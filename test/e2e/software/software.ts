/** Programs in pods: servers, and clients that run to their end or are listened to meanwhile. */
import type { Pod, SpawnOptions } from "../../../examples/lab/pod.ts";
import { eventually } from "../harness.ts";

/** Who software runs as: neither root nor the sidecar's user. */
export const SOFTWARE = { uid: 65534, gid: 65534, env: { PATH: process.env.PATH! } };

/** Starts a server program in a pod and waits for its ports; throws what it said on stderr if it ends before. */
export async function serve(
  pod: Pod,
  command: readonly string[],
  ports: readonly number[],
  user: SpawnOptions = SOFTWARE,
): Promise<void> {
  const server = pod.spawn(command, { ...user, stdout: "ignore" });
  const complaint = new Response(server.stderr as ReadableStream).text();
  const ended = server.exited.then(async (code) => {
    throw new Error(`${command[0]} ended with ${code}: ${await complaint}`);
  });
  ended.catch(() => {});
  await Promise.race([ended, Promise.all(ports.map((port) => pod.waitForPort(port)))]);
}

/** Runs a client program in a pod to its end and returns its stdout; throws its stderr if it fails. */
export async function run(pod: Pod, ...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await pod.run(command, SOFTWARE);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit code ${code}: ${stderr}${stdout}`);
  return stdout;
}

/** A client program that is still running, and what it has said so far, on stdout and stderr. */
export class Running {
  #output = "";
  readonly #child: Bun.Subprocess;
  readonly exited: Promise<number>;

  constructor(pod: Pod, ...command: readonly string[]) {
    this.#child = pod.spawn(["sh", "-c", 'exec "$@" 2>&1', "sh", ...command], {
      ...SOFTWARE,
      stderr: "ignore",
    });
    this.exited = this.#read().then(() => this.#child.exited);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stdout as ReadableStream<Uint8Array>) {
      this.#output += decoder.decode(bytes, { stream: true });
    }
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves when it has said `text`. */
  said(text: string): Promise<void> {
    return eventually(
      () => this.#output.includes(text),
      () => `"${text}" in "${this.#output}"`,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Asks again until `text` is in the answer. */
export async function becomes(ask: () => Promise<string>, text: string): Promise<void> {
  let answer = await ask();
  for (let patience = 500; !answer.includes(text); answer = await ask()) {
    if (patience-- === 0) throw new Error(`no "${text}" in "${answer}"`);
    await Bun.sleep(10);
  }
}
