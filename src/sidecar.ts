/** The life of the sidecar process: configuration, start, the proof that it cannot loop, signals, end. */
import { isTerminal, STDERR } from "../ffi/file.ts";
import { idSelection } from "../init/ranges.ts";
import { type App, startApp } from "./app.ts";
import { type LoadedFile, loadEnvironment } from "./config/file.ts";
import { type Config, type ParsedConfig, parseConfig } from "./config.ts";
import { Bad, type Environment } from "./env.ts";
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from "./exit-codes.ts";
import type { Apply, LiveConfig } from "./live-config.ts";
import { createLog, type Log, type ProcessLog } from "./log.ts";
import { outliveBugs } from "./outlive-bugs.ts";
import type { Exemption } from "./proxy/exemption.ts";
import { ProxyError } from "./proxy/proxy.ts";
import { RUNTIME_OPTIONS } from "./runtime-options.ts";
import { standardSink } from "./standard-sink.ts";
import type { Crew } from "./workers/crew.ts";
import type { Workers } from "./workers.ts";

/**
 * When everything has started: the code of that, and what else nobody needs any more, is half a megabyte. Later, Bun's
 * own collection of garbage would be under way, and while one is, JavaScriptCore keeps all code.
 */
const SETTLED_MS = 300;

/** What a sidecar is started with. */
interface Start {
  readonly config: Config;
  /** The process's own variables. */
  readonly own: Environment;
  /** All variables, those of the file included. */
  readonly environment: Environment;
  /** The switch `--service-name`, if given. */
  readonly serviceName: string | undefined;
  readonly file: LoadedFile;
  readonly log: ProcessLog;
  readonly version: string;
}

/** Runs until SIGTERM or SIGINT. Returns the exit code. */
export async function runSidecar(
  own: Environment,
  serviceName: string | undefined,
  version: string,
): Promise<number> {
  const { file, environment } = await loadEnvironment(own);
  const { config, warnings, ...parsed } = parseConfig(environment, serviceName);
  const problems = [...file.problems, ...parsed.problems];
  const log = openLog(parsed.log);
  for (const warning of [...warnings, ...runtimeWarnings(environment)]) log.warn(warning);
  for (const problem of problems) log.fatal(problem);
  let exitCode = EXIT_USAGE;
  if (config !== null && problems.length === 0) {
    exitCode = await run({ config, own, environment, serviceName, file, log, version });
  }
  await log.drain(1000);
  return exitCode;
}

/** On stderr. */
function openLog({ logLevel: level, logFormat, serviceName: service }: ParsedConfig["log"]): ProcessLog {
  const format = logFormat === "auto" ? (isTerminal(STDERR) ? "text" : "json") : logFormat;
  return createLog({ level, format, service, sink: standardSink("stderr") });
}

async function run(start: Start): Promise<number> {
  const { config, environment, file, log, version } = start;
  const signals = new Signals();
  outliveBugs(log);
  const workers = await createWorkers(start);
  const { loop = null, crew = null } = workers ?? {};
  const live = await createLiveConfig(start);
  const variables = () => live?.variables ?? environment;
  const app = await startApp({ config, log, version, variables, loop, crew });
  if (app instanceof ProxyError) {
    log.fatal(`NETRA_PORT=${config.port}: ${app.message}`);
    return EXIT_FAILED;
  }
  log.info(`netramesh ${version} for ${config.serviceName} ${describe(app, config, crew)}`);
  const exemption = await app.proveExemption();
  if (!isSafe(exemption, environment, log)) {
    app.stop();
    return EXIT_FAILED;
  }
  void workers?.startOnceProved(app, exemption);
  app.serveEndpoints();
  setTimeout(Bun.shrink, SETTLED_MS).unref();
  const apply: Apply = async (next, environment) => {
    await app.change(next);
    workers?.change(environment);
  };
  live?.watch(file.text, apply);
  log.info(`${await signals.first}: draining, at most ${config.drainTimeoutMs} ms`);
  await app.drain(signals.second);
  log.info(app.summary());
  log.info("done");
  return EXIT_DONE;
}

/** Null if there is to be one event loop; what is for several is not even loaded then. */
async function createWorkers(start: Start): Promise<Workers | null> {
  return start.config.workers === 1 ? null : (await import("./workers.ts")).createWorkers(start);
}

/** Null without a configuration file: then nothing changes, and what follows one is not loaded. */
async function createLiveConfig(start: Start): Promise<LiveConfig | null> {
  const { config, own, environment, serviceName, log } = start;
  if (config.configFile === "") return null;
  const { LiveConfig } = await import("./live-config.ts");
  return new LiveConfig({ own, started: environment, serviceName, path: config.configFile, log });
}

/** The first SIGTERM or SIGINT means drain, the second means now. PID 1 has no default action for them. */
class Signals {
  readonly first: Promise<string>;
  readonly #second = new AbortController();

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.first = promise;
    let received = 0;
    const receive = (signal: string) => (++received === 1 ? resolve(signal) : this.#second.abort());
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, receive);
    // By default it ends the process at once; who sends it wants a reload, and the file is looked at anyway.
    process.on("SIGHUP", () => {});
  }

  get second(): AbortSignal {
    return this.#second.signal;
  }
}

function describe({ port, maxConnections }: App, config: Config, crew: Crew | null): string {
  const most = `at most ${maxConnections} connections${crew === null ? "" : ` on each of ${crew.loops} event loops`}`;
  return `listens on port ${port} as ${identity()}: ${describeHttp(config)}, ${most}`;
}

function describeHttp({ httpPorts, httpAutodetect }: Config): string {
  if (httpAutodetect) return "HTTP wherever it is found";
  return httpPorts.size === 0 ? "no HTTP ports (NETRA_HTTP_PORTS)" : `HTTP ports ${[...httpPorts].join(",")}`;
}

function identity(): string {
  return `uid ${process.getuid!()} gid ${process.getgid!()}`;
}

function isSafe(exemption: Exemption, environment: Environment, log: Log): boolean {
  switch (exemption) {
    case "intercepted":
      log.fatal(
        `the rules of this network namespace redirect the sidecar's own connections: they do not exempt ${identity()}. ` +
          "Run it as the user or group that init exempts (NETRA_SIDECAR_USER_ID, NETRA_SIDECAR_GROUP_ID, 1337 by default)",
      );
      return false;
    case "untestable":
      if (!idsMatch(environment)) {
        log.warn(
          `it could not be tested whether init's rules exempt ${identity()}, and the environment does not say so`,
        );
      }
      return true;
    default:
      return true;
  }
}

/** Whether init, had it the same environment, exempts the user or the group that we are. */
function idsMatch({ NETRA_SIDECAR_USER_ID: users, NETRA_SIDECAR_GROUP_ID: groups }: Environment): boolean {
  return selects(users, process.getuid!()) || selects(groups, process.getgid!());
}

function selects(ids: string | undefined, id: number): boolean {
  const ranges = idSelection(ids || "1337");
  return !(ranges instanceof Bad) && ranges.some(({ first, last }) => first <= id && id <= last);
}

/** Bun reads these itself, compiled or not: they can run code, so they do not belong in a sidecar's environment. */
function runtimeWarnings(environment: Environment): string[] {
  const names = Object.keys(environment).filter(
    (name) => /^BUN_(OPTIONS|INSPECT|BE_BUN|JSC_)/.test(name) && environment[name] !== RUNTIME_OPTIONS[name],
  );
  return names.map((name) => `${name} is set and changes the runtime of this process: unset it`);
}
