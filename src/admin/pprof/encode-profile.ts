/** A CPU profile as Go's tools read it: github.com/google/pprof, proto/profile.proto, compressed with gzip. */
import {
  Line,
  Location,
  Function as PprofFunction,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from "pprof-format";
import { type CpuProfile, SAMPLING_INTERVAL_US } from "./cpu-profiler.ts";

type Node = CpuProfile["nodes"][number];

const NS_PER_US = 1000;
/** A longer gap between two samples was idle for the rest: the sampler sees only JavaScript and what that calls. */
const LONGEST_SAMPLE_US = 2 * SAMPLING_INTERVAL_US;

/** `startedAtMs` is wall clock. */
export function encodeProfile(cpu: CpuProfile, startedAtMs: number): Uint8Array {
  const tables = new Tables();
  const profile = new Profile({
    sampleType: [tables.unit("samples", "count"), tables.unit("cpu", "nanoseconds")],
    sample: samples(cpu, tables),
    location: tables.locations,
    function: tables.functions,
    stringTable: tables.strings,
    timeNanos: BigInt(Math.round(startedAtMs)) * 1_000_000n,
    durationNanos: Math.round((cpu.endTime - cpu.startTime) * NS_PER_US),
    periodType: tables.unit("cpu", "nanoseconds"),
    period: SAMPLING_INTERVAL_US * NS_PER_US,
  });
  return Bun.gzipSync(new Uint8Array(profile.encode()));
}

/** One per stack that was seen: the innermost call first, how often it was seen, and for how long. */
function samples(cpu: CpuProfile, tables: Tables): Sample[] {
  const seen = new Map<number, { count: number; us: number }>();
  cpu.samples?.forEach((id, i) => {
    const total = seen.get(id) ?? { count: 0, us: 0 };
    total.count++;
    total.us += Math.min(cpu.timeDeltas![i]!, LONGEST_SAMPLE_US);
    seen.set(id, total);
  });
  const stackOf = stacks(cpu.nodes, tables);
  return [...seen].map(
    ([id, { count, us }]) =>
      new Sample({ locationId: stackOf(id), value: [count, Math.round(us * NS_PER_US)] }),
  );
}

/** The stack of a node, by its id: locations from the node itself up to, and without, the root. */
function stacks(nodes: readonly Node[], tables: Tables): (id: number) => number[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  return (id) => {
    const stack: number[] = [];
    for (let at = id; parents.has(at); at = parents.get(at)!) stack.push(tables.location(byId.get(at)!));
    return stack;
  };
}

/** What a profile says only once: strings, functions, and one location in each function. Ids are from 1. */
class Tables {
  readonly strings = new StringTable();
  readonly functions: PprofFunction[] = [];
  readonly locations: Location[] = [];
  readonly #idOfFunction = new Map<string, number>();

  unit(type: string, unit: string): ValueType {
    return new ValueType({ type: this.strings.dedup(type), unit: this.strings.dedup(unit) });
  }

  location({ callFrame }: Node): number {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    const key = `${functionName} ${url} ${lineNumber} ${columnNumber}`;
    const known = this.#idOfFunction.get(key);
    if (known !== undefined) return known;
    const id = this.functions.length + 1;
    this.#idOfFunction.set(key, id);
    // The inspector counts lines from 0 and says -1 where there is none.
    const line = lineNumber + 1;
    const name = this.strings.dedup(functionName || `(anonymous at ${fileName(url)}:${line})`);
    const filename = this.strings.dedup(url);
    this.functions.push(new PprofFunction({ id, name, systemName: name, filename, startLine: line }));
    this.locations.push(new Location({ id, line: [new Line({ functionId: id, line })] }));
    return id;
  }
}

function fileName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
