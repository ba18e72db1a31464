/**
 * The configuration of a sidecar that runs. When the file of NETRA_CONFIG_FILE changes, what can change live does, what
 * needs a restart is named, and a file with anything wrong in it changes nothing.
 */
import { describeConfig } from "./config/describe.ts";
import { fileAt, parseFile, withFile } from "./config/file.ts";
import { FileWatcher } from "./config/file-watcher.ts";
import { VARIABLES, variablesOf } from "./config/variables.ts";
import { type Config, parseConfig } from "./config.ts";
import type { Environment } from "./env.ts";
import type { ProcessLog } from "./log.ts";

export interface LiveConfigOptions {
  /** The process's own environment. */
  readonly own: Environment;
  /** What the sidecar was started with: that and the file together. */
  readonly started: Environment;
  /** The switch `--service-name`, if given. */
  readonly serviceName: string | undefined;
  readonly path: string;
  readonly log: ProcessLog;
}

/** How often the file is looked at. */
const INTERVAL_MS = 2000;

/** Makes hold what is live in a configuration, which was read from these variables. */
export type Apply = (config: Config, environment: Environment) => Promise<void>;

export class LiveConfig {
  readonly #options: LiveConfigOptions;
  #running: Environment;

  constructor(options: LiveConfigOptions) {
    this.#options = options;
    this.#running = options.started;
  }

  /** All that hold now. */
  get variables(): Environment {
    return this.#running;
  }

  /** Looks at the file from now on, and lets hold what changes in it. `text` was read at the start. */
  watch(text: string, apply: Apply): void {
    const watcher = new FileWatcher({
      file: fileAt(this.#options.path),
      text,
      later: (look) => void setTimeout(look, INTERVAL_MS),
      changed: (next) => this.changed(next, apply),
      failed: (why) => this.failed(why),
    });
    watcher.start();
  }

  /** The file has a new text. `apply` makes what is live in a configuration hold, but for the log's level. */
  async changed(text: string, apply: Apply): Promise<void> {
    const { own, serviceName } = this.#options;
    const { values, problems: inFile } = await parseFile(text);
    const wanted = withFile(values, own);
    const { problems } = inFile.length > 0 ? { problems: inFile } : parseConfig(wanted, serviceName);
    if (problems.length > 0) this.#refuse(problems);
    else await this.#adopt(wanted, apply);
  }

  /** The file cannot be read. */
  failed(why: string): void {
    this.#refuse([why]);
  }

  #refuse(problems: readonly string[]): void {
    const { log, path } = this.#options;
    for (const problem of problems) log.error(`${path}: ${problem}; the configuration stays as it was`);
  }

  /** Variables that need a restart keep the values that they had, so those that depend on them stay with those. */
  async #adopt(wanted: Environment, apply: Apply): Promise<void> {
    const { log, path, serviceName } = this.#options;
    const names = changesBetween(this.#running, wanted);
    const live = names.filter((name) => VARIABLES.get(name)!.live);
    for (const name of names.filter((name) => !live.includes(name))) {
      log.warn(`${name} has changed in ${path}: it needs a restart`);
    }
    if (live.length === 0) return;
    const next = { ...this.#running, ...Object.fromEntries(live.map((name) => [name, wanted[name]])) };
    const { config, problems, warnings } = parseConfig(next, serviceName);
    if (config === null) {
      this.#refuse(problems);
      return;
    }
    await apply(config, next);
    this.#tell(next, live, warnings);
    this.#running = next;
    // Only if it has changed: somebody may have set another level in the meantime.
    if (live.includes("NETRA_LOGGER_LEVEL")) log.setLevel(config.logLevel);
  }

  #tell(next: Environment, names: readonly string[], warnings: readonly string[]): void {
    const { log, serviceName } = this.#options;
    const before = describeConfig(this.#running);
    const after = describeConfig(next);
    for (const name of names) log.info(`${name} is now ${after[name]}, it was ${before[name]}`);
    const known = parseConfig(this.#running, serviceName).warnings;
    for (const warning of warnings) if (!known.includes(warning)) log.warn(warning);
  }
}

function changesBetween(one: Environment, other: Environment): string[] {
  return variablesOf("sidecar").filter((name) => (one[name] || "") !== (other[name] || ""));
}
