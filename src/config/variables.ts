/** Every environment variable that the product knows, described once. What reads one without an entry fails a test. */
import { INIT } from "./init-variables.ts";
import { OWN } from "./own-variables.ts";
import { TRACE } from "./trace-variables.ts";
import type { Description, Role } from "./variable.ts";

/** In the order in which people are shown them. */
export const VARIABLES: ReadonlyMap<string, Description> = new Map(
  Object.entries({ ...OWN, ...TRACE, ...INIT }),
);

/** The names that `role` reads. */
export function variablesOf(role: Role): string[] {
  return [...VARIABLES].filter(([, { readBy = ["sidecar"] }]) => readBy.includes(role)).map(([name]) => name);
}
