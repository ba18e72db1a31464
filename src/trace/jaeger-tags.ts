import type { ProcessTag } from "./process.ts";

const VARIABLE = /^\$\{([^:]*):?(.*)\}$/s;

/**
 * JAEGER_TAGS: `key=value,key=${VARIABLE:default}` (jaeger-client-go config_env.go `parseTags`). A pair that is none
 * makes Go panic; here it is skipped and said in `warnings`.
 */
export function parseJaegerTags(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  warnings: string[],
): ProcessTag[] {
  const tags: ProcessTag[] = [];
  for (const pair of text.split(",")) {
    const equals = pair.indexOf("=");
    const key = pair.slice(0, Math.max(0, equals)).trim();
    if (key === "") warnings.push(`JAEGER_TAGS: ${JSON.stringify(pair)} is not key=value, skipped`);
    else tags.push({ key, value: expand(pair.slice(equals + 1).trim(), env) });
  }
  return tags;
}

function expand(value: string, env: Readonly<Record<string, string | undefined>>): string {
  const match = VARIABLE.exec(value);
  return match ? env[match[1]!] || match[2]! : value;
}
