/** What one check found. */

export type Result = "ok" | "warning" | "error";

export interface Finding {
  /** Stays the same from version to version, for programs. */
  readonly name: string;
  readonly result: Result;
  readonly message: string;
  /** What to do about it; null where nothing needs to be done. */
  readonly hint: string | null;
}

/** Findings that belong together, in the order of their checks. */
export interface Section {
  readonly category: string;
  readonly findings: readonly Finding[];
}

export function ok(name: string, message: string): Finding {
  return { name, result: "ok", message, hint: null };
}

/** It works, or may work, but is probably not what is meant. */
export function warning(name: string, message: string, hint: string): Finding {
  return { name, result: "warning", message, hint };
}

/** It does not work. */
export function error(name: string, message: string, hint: string): Finding {
  return { name, result: "error", message, hint };
}
