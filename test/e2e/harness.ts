/**
 * The product as an operator runs it: the built binary, `init` as root with NET_ADMIN and nothing else, the sidecar as
 * its own user, in network namespaces of this test. The sources are never imported here.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Lab, SHARED } from "../../examples/lab/namespaces.ts";
import type { Pod, RunResult } from "../../examples/lab/pod.ts";

const ROOT = `${import.meta.dir}/../..`;

export const NETRAMESH = `${SHARED}/dist/netramesh`;
export const PROXY_PORT = 14956;
export const PPROF_PORT = 14957;
export const METRICS_PORT = 14958;
/** The port that sidecars understand as HTTP in these tests, and one that they relay unread. */
export const HTTP_PORT = 8080;
export const OPAQUE_PORT = 9000;
/** Whom the rules leave alone. */
export const SIDECAR = { uid: 1337, gid: 1337 };
const POLL_MS = 10;
const CALM_POLLS = 5;

/** Longer than any wait below, so that what is missing is named: at its own timeout Bun also kills the processes. */
export const TEST_TIMEOUT_MS = 20_000;

export type Env = Readonly<Record<string, string>>;

/** What tests wait for in logs is easier to say of text. */
const TEXT: Env = { NETRA_LOG_FORMAT: "text" };

/** A lab for the tests of one file. Throws if there is no binary to test. */
export function openLab(name: string): Lab {
  if (!existsSync(`${ROOT}/dist/netramesh`)) throw new Error("no dist/netramesh: run `bun run build` first");
  return Lab.create(`netra-e2e-${name}`, { share: ROOT });
}

/** Runs `netramesh` with these arguments as root with NET_ADMIN, to its end. */
export function netramesh(pod: Pod, args: readonly string[], env: Env = {}): Promise<RunResult> {
  return pod.run([NETRAMESH, ...args], { caps: ["net_admin"], env: { ...TEXT, ...env } });
}

/** Puts the rules in place; throws if that fails. */
export async function init(pod: Pod, env: Env = {}): Promise<void> {
  const { code, stderr } = await netramesh(pod, ["init"], env);
  if (code !== 0) throw new Error(`netramesh init: exit code ${code}: ${stderr}`);
}

/** Resolves when `condition` is true; throws `what()` after `timeoutMs`. */
export async function eventually(
  condition: () => boolean,
  what: () => string,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what()}`);
    await Bun.sleep(POLL_MS);
  }
}

export interface SidecarOptions {
  readonly env?: Env;
  readonly name?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** What starts the binary, if it is not started directly. */
  readonly launcher?: readonly string[];
}

/** A process of the binary that runs as a sidecar. What it inserts is kept short: Jaeger's context only. */
export class Sidecar {
  #log = "";
  #out = "";
  readonly #process: Bun.Subprocess;

  constructor(pod: Pod, options: SidecarOptions = {}) {
    const { env, name = "service", launcher = [], ...user } = options;
    const command = [...launcher, NETRAMESH, "--service-name", name];
    const http = {
      NETRA_HTTP_PORTS: String(HTTP_PORT),
      NETRA_PROPAGATORS: "jaeger",
      NETRA_LOG_FORMAT: "text",
    };
    const owner = launcher.length > 0 ? {} : { ...SIDECAR, ...user };
    this.#process = pod.spawn(command, { ...owner, env: { ...http, ...env }, stdout: "pipe" });
    this.#collect("stderr", (text) => {
      this.#log += text;
    });
    this.#collect("stdout", (text) => {
      this.#out += text;
    });
  }

  async #collect(stream: "stdout" | "stderr", take: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#process[stream] as ReadableStream<Uint8Array>) {
      take(decoder.decode(bytes, { stream: true }));
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Everything it has logged so far. */
  get log(): string {
    return this.#log;
  }

  /** Everything it has written to stdout so far. */
  get out(): string {
    return this.#out;
  }

  /** Its exit code, once it has ended; a signal that killed it counts as 128 plus its number. */
  get exited(): Promise<number> {
    return this.#process.exited;
  }

  get hasExited(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves when a line that it logged matches. */
  logged(pattern: RegExp, timeoutMs?: number): Promise<void> {
    return eventually(
      () => pattern.test(this.#log),
      () => `no log line ${pattern} in\n${this.#log}`,
      timeoutMs,
    );
  }

  /** How many file descriptors it has open. */
  get files(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Resolves when it has no more than `files` open. */
  keeps(files: number): Promise<void> {
    return eventually(
      () => this.files <= files,
      () => `the sidecar keeps ${this.files - files} files too many`,
    );
  }

  /** Memory that it wrote to: not the pages of the binary itself. */
  get anonymousBytes(): number {
    const [, kilobytes] = /^Anonymous:\s+(\d+) kB$/m.exec(
      readFileSync(`/proc/${this.pid}/smaps_rollup`, "utf8"),
    )!;
    return Number(kilobytes) * 1024;
  }
}

/** A sidecar that is ready for traffic: it listens and has finished testing the rules. */
export async function startSidecar(pod: Pod, options: SidecarOptions = {}): Promise<Sidecar> {
  const sidecar = new Sidecar(pod, options);
  await pod.waitForPort(Number(options.env?.NETRA_PORT ?? PROXY_PORT));
  await hasSettled(sidecar);
  return sidecar;
}

/** Its test of the rules opens and closes connections; nothing says when it is over but that none is left. */
async function hasSettled(sidecar: Sidecar): Promise<void> {
  let files = sidecar.files;
  for (let calm = 0; calm < CALM_POLLS; calm++) {
    await Bun.sleep(POLL_MS);
    if (sidecar.files !== files) calm = 0;
    files = sidecar.files;
  }
}

/** A pod as Kubernetes would start it: rules first, then the sidecar. */
export async function startMeshed(pod: Pod, options: SidecarOptions = {}, rules: Env = {}): Promise<Sidecar> {
  await init(pod, rules);
  return startSidecar(pod, options);
}
