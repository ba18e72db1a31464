import type { Environment } from "./env.ts";

const OURS = /^(NETRA_|JAEGER_|OTEL_|HTTP_(HEADER|COOKIE)_TAG_MAP$|POD_)/;
const SECRET = /PASSWORD|TOKEN|HEADERS/;
const HIDDEN = "***";

/** The variables that are set, without secrets. */
export function describeConfig(environment: Environment): Record<string, string> {
  const ours = Object.entries(environment).filter(([name, value]) => OURS.test(name) && value);
  return Object.fromEntries(ours.map(([name, value]) => [name, shown(name, value!)]));
}

function shown(name: string, value: string): string {
  return SECRET.test(name) ? HIDDEN : value.replace(/(:\/\/)[^/?#]*@/g, `$1${HIDDEN}@`);
}
