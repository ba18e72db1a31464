/** The life of `netramesh webhook`: flags, start, looks at the certificates, signals. Loaded when it runs. */
import { UsageError } from "../command-line.ts";
import { Bad, type Environment, port } from "../env.ts";
import { EXIT_DONE, EXIT_FAILED } from "../exit-codes.ts";
import { readSettingFlags, valuesOf } from "../inject/flags.ts";
import { createLog, type Log } from "../log.ts";
import { apiServerOf } from "./api-server.ts";
import { type Injector, type InjectorOptions, startInjector } from "./injector.ts";

const LOOK_INTERVAL_MS = 60_000;
/** After SIGTERM the API server still calls for as long as it takes to hear that the pod is no endpoint any more. */
const GRACE_MS = 5000;

/** Serves until SIGTERM or SIGINT. Returns the exit code; throws UsageError. */
export async function runWebhook(
  words: readonly string[],
  environment: Environment,
  version: string,
): Promise<number> {
  const settings = readSettingFlags(words, version);
  const listenPort = readPort(valuesOf(words, "port").at(-1) ?? "8443");
  const name = readName(valuesOf(words, "name").at(-1) ?? "netramesh-injector");
  const api = apiServerOf(environment);
  if (api === null)
    throw new UsageError("KUBERNETES_SERVICE_HOST is not set: netramesh webhook runs in a pod");
  const log = createLog({ level: "info", sink: Bun.stderr.writer() });
  const exitCode = await run({ api, name, port: listenPort, settings, version, now: () => new Date(), log });
  await log.drain(1000);
  return exitCode;
}

async function run(options: InjectorOptions): Promise<number> {
  const { log } = options;
  const [terminated, hurried] = signals();
  let injector: Injector;
  try {
    injector = await startInjector(options);
  } catch (error) {
    log.fatal(explain(error));
    return EXIT_FAILED;
  }
  const looks = setInterval(() => void injector.look().catch((error) => warn(log, error)), LOOK_INTERVAL_MS);
  log.info(`${await terminated}: ends in ${GRACE_MS} ms`);
  clearInterval(looks);
  injector.retire();
  await Promise.race([Bun.sleep(GRACE_MS), hurried]);
  await Promise.race([injector.stop(), Bun.sleep(GRACE_MS)]);
  return EXIT_DONE;
}

/** The first SIGTERM or SIGINT, and the next one. PID 1 has no default action for them. */
function signals(): readonly [first: Promise<string>, second: Promise<string>] {
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let received = 0;
  const receive = (name: string) => (received++ === 0 ? first : second).resolve(name);
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, receive);
  return [first.promise, second.promise];
}

function warn(log: Log, error: unknown): void {
  log.warn(`goes on with the certificates it has: ${explain(error)}`);
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function readPort(text: string): number {
  const value = port(text);
  if (value instanceof Bad) throw new UsageError(`--port ${JSON.stringify(text)} is not ${value.expected}`);
  return value;
}

/** A name that can be part of a host name (RFC 1123 section 2.1). */
function readName(text: string): string {
  if (/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new UsageError(
    `--name ${JSON.stringify(text)} is not a name of lower-case letters, digits and dashes`,
  );
}
