/** The annotations of a pod that injection heeds, as one table; and what is wrong with those that are set. */
import { portList } from "../../init/ranges.ts";
import { Bad, formatProblem, oneOf } from "../env.ts";
import { didYouMean } from "../nearest.ts";
import type { Metadata } from "./manifest.ts";
import { INJECT, RESTORE, STATUS, VERSION } from "./names.ts";
import { type Settings, withPatch } from "./settings.ts";
import * as values from "./values.ts";

export const CONFIG = "config.netramesh.io/";

interface Rule {
  readonly parse: values.ValueParser;
  /** The names that linkerd and Istio have for it: they count where ours is not set. */
  readonly aliases?: readonly string[];
}

const logLevel = oneOf("debug", "info", "warning", "warn", "error", "fatal");

/** Name below `config.netramesh.io/` → what it means. */
const RULES: Readonly<Record<string, Rule>> = {
  "http-ports": { parse: values.variables(["NETRA_HTTP_PORTS"], values.ports) },
  "http-autodetect": { parse: values.variables(["NETRA_HTTP_AUTODETECT"], values.boolean) },
  "opaque-ports": { parse: values.variables(["NETRA_OPAQUE_PORTS"], values.ports) },
  "skip-inbound-ports": {
    parse: values.variables(["INBOUND_SKIP_PORTS"], portList),
    aliases: ["config.linkerd.io/skip-inbound-ports", "traffic.sidecar.istio.io/excludeInboundPorts"],
  },
  "skip-outbound-ports": {
    parse: values.variables(["OUTBOUND_SKIP_PORTS"], portList),
    aliases: ["config.linkerd.io/skip-outbound-ports", "traffic.sidecar.istio.io/excludeOutboundPorts"],
  },
  "skip-subnets": {
    parse: values.variables(["INBOUND_SKIP_CIDRS", "OUTBOUND_SKIP_CIDRS"], values.cidrs),
  },
  "proxy-image": { parse: values.setting(values.image, (image) => ({ image })) },
  "proxy-uid": { parse: values.setting(values.uid, (uid) => ({ uid })) },
  "proxy-cpu-request": { parse: values.resource("cpuRequest") },
  "proxy-cpu-limit": { parse: values.resource("cpuLimit") },
  "proxy-memory-request": { parse: values.resource("memoryRequest") },
  "proxy-memory-limit": { parse: values.resource("memoryLimit") },
  "proxy-log-level": { parse: values.variables(["NETRA_LOGGER_LEVEL"], logLevel) },
  "proxy-log-format": { parse: values.variables(["NETRA_LOG_FORMAT"], oneOf("auto", "text", "json")) },
  "access-log": { parse: values.variables(["NETRA_ACCESS_LOG"], oneOf("off", "json", "common")) },
  "native-sidecar": {
    parse: values.setting(oneOf("auto", "true", "false"), (text) =>
      text === "auto" ? {} : { native: text === "true" },
    ),
  },
  await: { parse: values.setting(values.boolean, (awaited) => ({ awaited })) },
  "shutdown-grace-period": {
    parse: values.setting(values.duration, (ms) => ({
      env: { NETRA_DRAIN_TIMEOUT_MILLISECONDS: `${Math.ceil(ms)}` },
    })),
  },
  env: { parse: values.setting(values.variableObject, (env) => ({ env })) },
};

/** Annotations and labels that say whether to inject, and those that injection itself leaves behind. */
const STATE = [INJECT, STATUS, VERSION, RESTORE];
const KNOWN = [...Object.keys(RULES).map((name) => CONFIG + name), ...STATE];

export interface AnnotatedSettings {
  readonly settings: Settings;
  /** Values that cannot be meant. */
  readonly problems: readonly string[];
}

/** `settings` as the annotations of a pod change them. */
export function readAnnotations({ annotations }: Metadata, settings: Settings): AnnotatedSettings {
  const problems: string[] = [];
  let result = settings;
  for (const [name, { parse, aliases = [] }] of Object.entries(RULES)) {
    const variable = [CONFIG + name, ...aliases].find((each) => annotations?.[each]);
    if (variable === undefined) continue;
    const value = String(annotations![variable]);
    const patch = parse(value);
    if (patch instanceof Bad) problems.push(`annotation ${formatProblem({ variable, value, ...patch })}`);
    else result = withPatch(result, patch);
  }
  return { settings: result, problems };
}

/** A warning for every annotation or label that is meant for us but unknown: a typo would else do nothing, silently. */
export function unknownNames({ annotations, labels }: Metadata): string[] {
  const given = [...Object.keys(annotations ?? {}), ...Object.keys(labels ?? {})];
  return given
    .filter(isOurs)
    .filter((name) => !KNOWN.includes(name))
    .map(explainUnknown);
}

/** Whether a name lies in our part of the name space. */
export function isOurs(name: string): boolean {
  return /^([a-z]+\.)?netramesh\.io\//.test(name);
}

function explainUnknown(name: string): string {
  return `unknown annotation ${name} has no effect${didYouMean(name, KNOWN)}`;
}
