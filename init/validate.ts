/** Proof by doing: a connection that must arrive at the sidecar's port. Outbound only, as it is made here. */
import type { Endpoint } from "../ffi/probe.ts";
import type { InitConfig } from "./config.ts";
import { SSH_PORT } from "./drafts.ts";
import { type InterfaceName, isNamed } from "./interface-name.ts";
import { contains, literalNetwork } from "./network.ts";
import { includes, type Range } from "./ranges.ts";
import type { System } from "./system.ts";
import { fail, type Task, type Wanted } from "./task.ts";

const TIMEOUT_MS = 2000;
const PORTS: readonly Range[] = [{ first: 80, last: 65_535 }];

/** Where a redirected connection ends, and an address that nobody has (RFC 5737, RFC 3849). */
const VERSIONS = [
  { name: "IPv4", listener: "127.0.0.1", nobody: "192.0.2.1" },
  { name: "IPv6", listener: "::1", nobody: "2001:db8::1" },
] as const;
type Version = (typeof VERSIONS)[number];

/** Exit code 0 unless a connection that should have been redirected was not. What could not be tried is said. */
export function validate(task: Task, { config }: Wanted): number {
  const obstacle = findObstacle(config, task.system.owner);
  if (obstacle !== null) {
    task.log.warn(`not validated: ${obstacle}`);
    return 0;
  }
  const codes = VERSIONS.map((version) => validateVersion(task, config, version));
  return Math.max(...codes);
}

/** Why no connection made by this process can prove anything. */
function findObstacle(config: InitConfig, { uid, gid }: System["owner"]): string | null {
  if (config.outboundProbability === 0) return "outbound connections are not redirected";
  if (config.outboundProbability < 1) return "only a share of the outbound connections is redirected";
  if (includes(config.userIds, uid)) return `this process runs as user ${uid}, who is exempt`;
  if (includes(config.groupIds, gid)) return `this process runs as group ${gid}, which is exempt`;
  return probePort(config, uid) === null ? "every port is exempt" : null;
}

function validateVersion(task: Task, config: InitConfig, version: Version): number {
  const { log, system } = task;
  const at = endpoint(version.listener, config.sidecarPort);
  const port = probePort(config, system.owner.uid)!;
  for (const ip of targets(config, version, system)) {
    const outcome = system.probe(at, endpoint(ip, port), TIMEOUT_MS);
    if (outcome === "silent") {
      const what = `a connection to ${ip} port ${port} did not arrive at port ${config.sidecarPort}`;
      return fail(log, [`${version.name} is not redirected: ${what}`]);
    }
    // Whoever answers at an address of ours may be the application; at one that nobody has, it is the sidecar.
    if (outcome === "redirected" || (outcome === "answered" && ip === version.nobody)) {
      log.info(`validated: ${version.name} connections are redirected (tried ${ip} port ${port})`);
      return 0;
    }
  }
  log.warn(`${version.name} not validated: there is no address to try`);
  return 0;
}

/**
 * An address of ours first: that needs no route, nothing leaves the namespace, and the way leads through `lo`. By which
 * interface an address of nobody's would be reached is not known.
 */
function targets(config: InitConfig, { listener, nobody }: Version, system: System): string[] {
  const isLoopback = (name: InterfaceName) => isNamed(name, "lo");
  const own = system.addresses().find((ip) => sameVersion(ip, listener));
  const mayTryOwn = own !== undefined && !config.skipSelf && !config.skipInterfaces.some(isLoopback);
  const mayTryNobody = config.skipInterfaces.every(isLoopback);
  const isSkipped = (ip: string) => config.outboundSkipNetworks.some((each) => contains(each, ip));
  return [...(mayTryOwn ? [own] : []), ...(mayTryNobody ? [nobody] : [])].filter((ip) => !isSkipped(ip));
}

function sameVersion(a: string, b: string): boolean {
  return a.includes(":") === b.includes(":");
}

/** The first port that is redirected for this user. */
function probePort(config: InitConfig, uid: number): number | null {
  const ofUser = config.outboundSkipUserPorts.filter(({ users }) => includes([users], uid));
  const skipped = [...config.outboundSkipPorts, ...ofUser.map(({ ports }) => ports)];
  for (const { first, last } of config.outboundPorts ?? PORTS) {
    for (let port = first; port <= last; port++) {
      if (port !== SSH_PORT && !includes(skipped, port)) return port;
    }
  }
  return null;
}

function endpoint(ip: string, port: number): Endpoint {
  return { ip, port, bytes: Uint8Array.from(literalNetwork(ip).bytes) };
}
