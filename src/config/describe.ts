import type { Environment } from "../env.ts";
import { VARIABLES, variablesOf } from "./variables.ts";

const HIDDEN = "***";

/**
 * What the sidecar runs with: each of its variables, as it is set in `environment` or by default. No secrets: those
 * variables are hidden whole, of URLs the user, the password and the query.
 */
export function describeConfig(environment: Environment): Record<string, string> {
  return Object.fromEntries(variablesOf("sidecar").map((name) => [name, shown(name, environment[name])]));
}

function shown(name: string, text: string | undefined): string {
  const { default: otherwise, secret } = VARIABLES.get(name)!;
  if (!text) return otherwise;
  return secret ? HIDDEN : withoutSecrets(text);
}

/** The user information of a URL (RFC 3986 section 3.2.1) and its query, both of which people put tokens in. */
function withoutSecrets(text: string): string {
  return text.replace(/(:\/\/)[^/?#]*@/g, `$1${HIDDEN}@`).replace(/(:\/\/[^?#]*\?)[^#]*/, `$1${HIDDEN}`);
}
