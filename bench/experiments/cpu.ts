import type { Target } from "../stage/target.ts";
import type { Figures } from "./experiment.ts";

const US_PER_MS = 1000;

/**
 * The CPU time the proxy of `target` used while `work` ran, divided by how many units (requests, gigabytes) `work` says
 * it did. Nothing for a target without a proxy.
 */
export async function cpuPerUnit<T>(
  target: Target,
  unit: string,
  work: () => Promise<T>,
  unitsOf: (done: T) => number,
): Promise<{ done: T; figures: Figures }> {
  if (!target.hasProxy) return { done: await work(), figures: {} };
  const before = target.cpu();
  const done = await work();
  const after = target.cpu();
  const units = unitsOf(done);
  const userUs = ((after.userMs - before.userMs) * US_PER_MS) / units;
  const systemUs = ((after.systemMs - before.systemMs) * US_PER_MS) / units;
  return {
    done,
    figures: { [`CPU µs/${unit}`]: userUs + systemUs, "user µs": userUs, "kernel µs": systemUs },
  };
}
