import type { Sample } from "../soak/judge.ts";
import type { SoakResult } from "../soak/result.ts";
import { lineChart, type Panel } from "./lines.ts";
import { OTHERS, OURS } from "./svg.ts";

/** Memory, files, latency and work over time; shaded where the agent was away. */
export function soakChart({ startedAt, minutes, machine, samples, outages }: SoakResult): string {
  const panels: Panel[] = [
    { title: "anonymous memory, MB", lines: [ours(samples.map(({ anonBytes }) => anonBytes / 1e6))] },
    { title: "open files", lines: [ours(samples.map(({ files }) => files))] },
    {
      title: "p99 of a small request, ms",
      lines: [
        { name: "past the sidecar", colour: OTHERS, values: samples.map(({ directP99Ms }) => directP99Ms) },
        ours(samples.map(({ throughP99Ms }) => throughP99Ms)),
      ],
    },
    { title: "CPU, ms a second", lines: [ours(perSecond(samples, ({ cpuMs }) => cpuMs))] },
    { title: "exchanges a second", lines: [ours(perSecond(samples, ({ exchanges }) => exchanges))] },
  ];
  const title = `${startedAt.slice(0, 10)}, ${minutes} minutes, ${machine.cores} × ${machine.processor}`;
  return lineChart({ title, atMs: samples.map(({ atMs }) => atMs), panels, stretches: outages });
}

/** How fast a sum rose up to each sample. */
function perSecond(samples: readonly Sample[], sum: (sample: Sample) => number): number[] {
  return samples.map((sample, i) => {
    const before = samples[Math.max(0, i - 1)]!;
    const seconds = (sample.atMs - before.atMs) / 1000;
    return seconds === 0 ? 0 : (sum(sample) - sum(before)) / seconds;
  });
}

function ours(values: readonly number[]): Panel["lines"][number] {
  return { name: "through it", colour: OURS, values };
}
