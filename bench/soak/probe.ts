/**
 * `probe.ts IP PORT DIRECT_PORT`: asks for a few bytes a hundred times a second, once through the sidecar and once
 * past it, and prints every second how long that took. What the machine and the server do slows both.
 */
import { quantile } from "../statistics.ts";
import { get, nextId } from "./exchange.ts";
import { Wire } from "./wire.ts";

export interface ProbeReport {
  readonly throughP99Ms: number;
  readonly directP99Ms: number;
}

const EVERY_MS = 10;
const REPORT_EVERY_MS = 1000;
const [ip, port, directPort] = process.argv.slice(2) as [string, string, string];

async function watch(port: string): Promise<number[]> {
  const took: number[] = [];
  const wire = await Wire.connect(ip, Number(port));
  const ask = async () => {
    for (;;) {
      const askedMs = performance.now();
      await get(wire, { id: nextId(), bytes: 10 });
      took.push(performance.now() - askedMs);
      await Bun.sleep(EVERY_MS);
    }
  };
  void ask().catch(({ message }: Error) => {
    process.stderr.write(`probe: ${message}\n`);
    process.exit(1);
  });
  return took;
}

/** An answer that has not come within a second is as late as the report, at least. */
function p99(took: number[]): number {
  const sorted = took.splice(0).toSorted((a, b) => a - b);
  return sorted.length === 0 ? REPORT_EVERY_MS : quantile(sorted, 0.99);
}

const through = await watch(port);
const direct = await watch(directPort);
setInterval(() => {
  const report: ProbeReport = { throughP99Ms: p99(through), directP99Ms: p99(direct) };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}, REPORT_EVERY_MS);
