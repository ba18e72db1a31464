/** Every check, in the order in which people read them. */
import { readFileSync } from "node:fs";
import { fileLimit } from "../../ffi/socket.ts";
import { parseInitConfig } from "../../init/config.ts";
import { ask } from "../admin/hooks/ask.ts";
import { findPorts, type Ports } from "../admin/hooks/where.ts";
import { loadEnvironment } from "../config/file.ts";
import { OWN } from "../config/own-variables.ts";
import { type Config, type ParsedConfig, parseConfig } from "../config.ts";
import { type Environment, formatProblem } from "../env.ts";
import { explainListening } from "../listen-causes.ts";
import { lookUp } from "../look-up.ts";
import { reachableOwnIp } from "../proxy/own-ips.ts";
import { ProxyError } from "../proxy/proxy.ts";
import { fetchStrategy } from "../trace/sampler/fetch-strategy.ts";
import { probeAgent } from "./agent-probe.ts";
import { probeCollector } from "./collector-probe.ts";
import { checkConfiguration } from "./configuration.ts";
import type { Finding, Section } from "./finding.ts";
import { tryToListen } from "./listening.ts";
import { checkLoadedRules } from "./loaded-rules.ts";
import { checkNothing, checkResets, checkWithoutSidecar, checkWithSidecar } from "./network.ts";
import { tryConnection } from "./own-connection.ts";
import { checkPorts, type TrafficPort } from "./ports.ts";
import { findSidecar, listenerOwner, type RunningSidecar } from "./running.ts";
import { testRules } from "./stand-in.ts";
import { checkClock, checkConntrack, checkFiles, type Moment } from "./system.ts";
import { checkTracing } from "./tracing.ts";

const OUTSIDE = { lookUp, probeAgent, probeCollector, fetchStrategy };

/** Runs every check; `own` is the process's environment, `serviceName` the switch, if given. Takes seconds at most. */
export async function survey(own: Environment, serviceName: string | undefined): Promise<Section[]> {
  const before = now();
  const { file, environment } = await loadEnvironment(own);
  const ports = findPorts(environment);
  const sidecar = await findSidecar(ports, ask);
  const parsed = parse(environment, serviceName, sidecar !== null);
  const init = readInit(own);
  const configuration = checkConfiguration({
    environment,
    problems: [...file.problems, ...parsed.problems, ...init.problems],
    warnings: [...parsed.warnings, ...init.warnings],
    running: sidecar?.variables ?? null,
  });
  const found = await findConfigured(parsed.config, ports, sidecar);
  const rules = checkLoadedRules(own, readText("/proc/self/status") ?? "");
  const hasNat = found.network.some(({ name, result }) => name === "nat" && result === "ok");
  const resets = hasNat ? checkResets(readText) : [];
  const system = [
    ...checkClock(before, now(), found.dateAtMs),
    checkFiles(fileLimit(), parsed.config?.maxConnections ?? 0),
    ...checkConntrack(readText),
  ];
  return [
    { category: "configuration", findings: configuration },
    { category: "network", findings: [...found.network, ...rules, ...resets] },
    { category: "ports", findings: found.ports },
    { category: "tracing", findings: found.tracing },
    { category: "system", findings: system },
  ];
}

/** Without a name everything else can be checked; a sidecar that runs has one, perhaps from a switch of its own. */
function parse(environment: Environment, serviceName: string | undefined, isRunning: boolean): ParsedConfig {
  const parsed = parseConfig(environment, serviceName);
  if (parsed.log.serviceName !== "") return parsed;
  const named = parseConfig(environment, "netramesh-check");
  return isRunning ? named : { ...named, problems: parsed.problems };
}

/** Its ports are the sidecar's: what is wrong with them has been said. */
function readInit(environment: Environment): { problems: readonly string[]; warnings: readonly string[] } {
  const parsed = parseInitConfig(environment);
  if (!("problems" in parsed)) return { problems: [], warnings: parsed.warnings };
  const own = parsed.problems.filter(({ variable }) => !Object.hasOwn(OWN, variable));
  return { problems: own.map(formatProblem), warnings: [] };
}

interface Found {
  readonly network: readonly Finding[];
  readonly ports: readonly Finding[];
  readonly tracing: readonly Finding[];
  /** What a collector's clock said, or null. */
  readonly dateAtMs: number | null;
}

/** What depends on the configuration; nothing where there is none. */
async function findConfigured(
  config: Config | null,
  at: Ports,
  sidecar: RunningSidecar | null,
): Promise<Found> {
  if (config === null) return { network: [], ports: [], tracing: [], dateAtMs: null };
  const [{ network, traffic }, { findings: tracing, dateAtMs }] = await Promise.all([
    findNetwork(config, at, sidecar),
    checkTracing(config, OUTSIDE),
  ]);
  return { network, ports: checkPorts(config, traffic, sidecar, tryToListen), tracing, dateAtMs };
}

/** Also says whose the port for traffic is. */
async function findNetwork(
  { port, prometheusPort }: Config,
  at: Ports,
  sidecar: RunningSidecar | null,
): Promise<{ network: Finding[]; traffic: TrafficPort }> {
  const owner = { uid: process.getuid!(), gid: process.getgid!() };
  if (sidecar !== null) {
    const ip = reachableOwnIp();
    const fate = ip === null || !sidecar.hasMetrics ? "unknown" : await tryConnection(ip, at, ask);
    const listenerUid = listenerOwner(port, readText);
    const network = checkWithSidecar(sidecar, { fate, listenerUid }, owner);
    return { network, traffic: listenerUid === null ? "elsewhere" : "ours" };
  }
  const tested = await testRules(port, prometheusPort);
  if (tested instanceof ProxyError) {
    return { network: checkNothing(), traffic: { obstacle: explainListening(tested.code) } };
  }
  return { network: checkWithoutSidecar(tested.nat, tested.exemption, owner), traffic: "free" };
}

function now(): Moment {
  return { wallAtMs: Date.now(), steadyMs: performance.now() };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
