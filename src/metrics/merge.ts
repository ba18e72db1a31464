/**
 * Adds up the metrics of several event loops, as text: what each of them wrote in Prometheus' format is added to what
 * the first one wrote in either. Exemplars are the first one's.
 */
import type { FamilyType } from "./exposition.ts";

interface Family {
  readonly type: FamilyType;
  /** By name and labels, in the order in which they were written. */
  readonly values: Map<string, number>;
}

/** What one event loop has counted, by the name of the family without suffix. */
export type Samples = ReadonlyMap<string, Family>;

/** What is kept of event loops that are gone. */
const MAX_KEPT = 20_000;

/** What an exemplar begins with. */
const EXEMPLAR = " # {";
const TYPE_LINE = /^# TYPE (\S+) (\S+)$/;

/** Reads what was written in either format, without exemplars. */
export function readSamples(text: string): Samples {
  const families = new Map<string, Family>();
  let family: Family | null = null;
  // Looking for them in each line takes as long as all the rest.
  const hasExemplars = text.includes(EXEMPLAR);
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) family = beginFamily(families, line) ?? family;
    else if (line !== "") family?.values.set(...readLine(hasExemplars ? splitExemplar(line)[0] : line));
  }
  return families;
}

/** `text`, in either format, with what `others` have of the same families added. */
export function addSamples(text: string, others: readonly Samples[]): string {
  const out: string[] = [];
  let rest = new Map<string, number>();
  const endFamily = () => {
    for (const [key, value] of rest) out.push(`${key} ${value}`);
    rest = new Map();
  };
  for (const line of text.split("\n")) {
    if (isBoundary(line)) endFamily();
    const [, name, type] = TYPE_LINE.exec(line) ?? [];
    if (name !== undefined) rest = sumOf(baseName(name, type!), others);
    out.push(line === "" || line.startsWith("#") ? line : raise(line, rest));
  }
  return out.join("\n");
}

/** What stays of an event loop that is gone, added to `kept`: what it counted, not how it was. */
export function keepCounters(kept: Samples, gone: Samples): Samples {
  const sum = new Map([...kept].map(([name, { type, values }]) => [name, { type, values: new Map(values) }]));
  let room = MAX_KEPT - [...sum.values()].reduce((count, { values }) => count + values.size, 0);
  for (const [name, { type, values }] of gone) {
    if (type === "gauge") continue;
    const family = sum.get(name) ?? { type, values: new Map<string, number>() };
    sum.set(name, family);
    for (const [key, value] of values) {
      const known = family.values.get(key);
      if (known === undefined && room-- <= 0) continue;
      family.values.set(key, (known ?? 0) + value);
    }
  }
  return sum;
}

/** Those of `samples` that are wanted. */
export function select(samples: Samples, isWanted: (family: string, key: string) => boolean): Samples {
  const selected = new Map<string, Family>();
  for (const [name, { type, values }] of samples) {
    const wanted = [...values].filter(([key]) => isWanted(name, key));
    if (wanted.length > 0) selected.set(name, { type, values: new Map(wanted) });
  }
  return selected;
}

function beginFamily(families: Map<string, Family>, line: string): Family | null {
  const [, name, type] = TYPE_LINE.exec(line) ?? [];
  if (name === undefined) return null;
  const family = { type: type as FamilyType, values: new Map<string, number>() };
  // What an `info` says is the same everywhere, so it is no figure to add.
  if (!name.endsWith("_info") && type !== "info") families.set(baseName(name, type!), family);
  return family;
}

/** Prometheus' format has the suffix in the name of a counter's family, OpenMetrics has not. */
function baseName(name: string, type: string): string {
  return type === "counter" ? name.replace(/_total$/, "") : name;
}

/** A family ends where the next one, or the end mark, begins. */
function isBoundary(line: string): boolean {
  return line === "" || line.startsWith("# HELP ") || line === "# EOF";
}

function sumOf(name: string, others: readonly Samples[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const samples of others) {
    for (const [key, value] of samples.get(name)?.values ?? []) sum.set(key, (sum.get(key) ?? 0) + value);
  }
  return sum;
}

/** `line` with its part of `rest`, which is taken out there. */
function raise(line: string, rest: Map<string, number>): string {
  if (rest.size === 0) return line;
  const [sample, exemplar] = splitExemplar(line);
  const [key, value] = readLine(sample);
  const more = rest.get(key);
  if (more === undefined) return line;
  rest.delete(key);
  return `${key} ${value + more}${exemplar}`;
}

/** Only buckets have exemplars: ` # {labels} value time`. */
function splitExemplar(line: string): [string, string] {
  const at = line.includes("_bucket{") ? line.lastIndexOf(EXEMPLAR) : -1;
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at)];
}

/** Labels may contain spaces, values do not. */
function readLine(line: string): [string, number] {
  const at = line.lastIndexOf(" ");
  return [line.slice(0, at), Number(line.slice(at + 1))];
}
