/**
 * Checks of application ports, for the kubelet. Behind a REDIRECT rule every connection is accepted by the sidecar,
 * so a tcpSocket probe succeeds whatever the application does; rewritten to an httpGet of
 * `/app-health/<container>/<kind>`, it is answered here by dialling the port.
 */
import { Bad, ip, type Parser } from "../env.ts";
import { isObject, parseObject } from "../json.ts";

/** What a probe dials. */
export interface AppProbe {
  /** Null: the pod's own address, as the kubelet does it. */
  readonly host: string | null;
  readonly port: number;
  readonly timeoutMs: number;
}

/** By `<container>/<kind>`. */
export type AppProbes = ReadonlyMap<string, AppProbe>;

const EXAMPLE = '{"<container>/<kind>": {"port": 3306, "host": "10.0.0.1", "timeoutSeconds": 1}}';
/** Where they are asked for; `<container>/<kind>` follows. */
export const APP_HEALTH = "/app-health/";
/** Each port may hold two files for its dials. */
export const MAX_PROBES = 12;
export const MAX_TIMEOUT_SECONDS = 60;
/** The name of a container is a DNS label (RFC 1123 section 2.1). */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-zA-Z]{1,32}$/;
const KEYS = ["port", "host", "timeoutSeconds"];

/** The value of NETRA_APP_PROBES: a JSON object, see `EXAMPLE`. `host` and `timeoutSeconds` may be left out. */
export const appProbes: Parser<AppProbes> = (json) => {
  const value = parseObject(json);
  if (value === null) return new Bad(`a JSON object such as ${EXAMPLE}`);
  const entries = Object.entries(value);
  if (entries.length > MAX_PROBES) return new Bad(`an object of at most ${MAX_PROBES} probes`);
  const probes = new Map<string, AppProbe>();
  for (const [name, fields] of entries) {
    const probe = NAME.test(name) ? readProbe(fields) : new Bad('named "<container>/<kind>"');
    if (probe instanceof Bad)
      return new Bad(`right: the probe ${JSON.stringify(name)} has to be ${probe.expected}`);
    probes.set(name, probe);
  }
  return probes;
};

function readProbe(fields: unknown): AppProbe | Bad {
  if (!isObject(fields)) return new Bad('an object such as {"port": 3306}');
  const unknown = Object.keys(fields).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    return new Bad(`without ${JSON.stringify(unknown)}: it may have ${KEYS.join(", ")}`);
  const { port, host = null, timeoutSeconds = 1 } = fields;
  if (!isInteger(port, 65_535)) return new Bad('with a "port" from 1 to 65535');
  if (host !== null && !isIp(host)) return new Bad('with an IP address as "host"');
  if (!isInteger(timeoutSeconds, MAX_TIMEOUT_SECONDS)) {
    return new Bad(`with "timeoutSeconds" from 1 to ${MAX_TIMEOUT_SECONDS}`);
  }
  return { host, port, timeoutMs: timeoutSeconds * 1000 };
}

function isInteger(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

function isIp(value: unknown): value is string {
  return typeof value === "string" && typeof ip(value) === "string";
}
