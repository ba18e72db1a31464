import type { Environment } from "../src/env.ts";
import type { Log } from "../src/log.ts";
import type { Backend } from "./backend.ts";
import type { BackendChoice, InitConfig } from "./config.ts";
import type { Place } from "./plan.ts";
import type { System } from "./system.ts";

export type InitAction =
  | "apply"
  | "disable"
  | "cleanup"
  | "check"
  | "status"
  | "explain"
  | "confirm"
  | "revert";

export interface InitOptions {
  readonly env: Environment;
  readonly action: InitAction;
  /** Print what would be done, and touch nothing. */
  readonly dryRun?: boolean;
  /** Prove the rules by a connection. */
  readonly validate?: boolean;
  /** Also on a host. */
  readonly force?: boolean;
  /** What goes to standard output is for machines. */
  readonly json?: boolean;
  /** The file of another network namespace. */
  readonly netns?: string | null;
  /** Stays with the rules until they are confirmed; or, to revert, the mark of the rules that are meant. */
  readonly mark?: string | null;
  /** Standard output. */
  readonly out: (text: string) => void;
  readonly log: Log;
  /** The machine; this one unless a test says otherwise. */
  readonly system?: System;
}

/** What every action works with. */
export interface Task extends InitOptions {
  readonly system: System;
  readonly backends: readonly Backend[];
  readonly choice: BackendChoice;
}

/** A configuration, and where it is to hold. */
export interface Wanted {
  readonly config: InitConfig;
  readonly place: Place;
  /** Why this is a host; empty for a pod. */
  readonly sign: string;
}

/** Logs the lines of a failure; the exit code for it. */
export function fail(log: Log, lines: readonly string[]): number {
  for (const line of lines) log.error(line);
  return 1;
}
