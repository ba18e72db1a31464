/** What is said of an environment variable, and how one is read: the entries of the tables in this folder. */
import { Bad, Doubtful, type EnvReader, type LenientParser } from "../env.ts";

/** Who reads a variable: the sidecar, `netramesh init`, or both. */
export type Role = "sidecar" | "init";

/** A variable as people are told of it. */
export interface Description {
  /** As one would write it; in other words where there is no such text. */
  readonly default: string;
  /** What a value looks like. */
  readonly value: string;
  /** One sentence without its full stop. */
  readonly means: string;
  /** A change in NETRA_CONFIG_FILE is applied while the sidecar runs. */
  readonly live?: true;
  /** Its value is never shown. */
  readonly secret?: true;
  /** The sidecar alone, if nothing is said. */
  readonly readBy?: readonly Role[];
}

/** A description with all that is needed to make a value of a text. */
export interface Variable<T> extends Description {
  readonly parse: LenientParser<T>;
  /** The value of the unset variable, where `default` is no text to parse. */
  readonly unset?: T;
}

export type Table = Readonly<Record<string, Description>>;

/** Lets the type of the value follow from the parser. */
export function variable<T>(description: Variable<T>): Variable<T> {
  return description;
}

/** What a table's variables say, by their names. */
export type ValuesOf<T> = { readonly [N in keyof T]: T[N] extends Variable<infer V> ? V : never };

/** Reads every variable of `table`: its default if it is unset, and also, with a problem noted, if it is wrong. */
export function readTable<T extends Readonly<Record<string, Variable<unknown>>>>(
  reader: EnvReader,
  table: T,
): ValuesOf<T> {
  const read = ([name, described]: [string, Variable<unknown>]) => [
    name,
    reader.value(name, defaultOf(name, described), described.parse),
  ];
  return Object.fromEntries(Object.entries(table).map(read)) as ValuesOf<T>;
}

function defaultOf<T>(name: string, { unset, default: text, parse }: Variable<T>): T {
  if (unset !== undefined) return unset;
  const value = parse(text);
  if (value instanceof Bad || value instanceof Doubtful) throw new Error(`${name} has no default`);
  return value;
}
