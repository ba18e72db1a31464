/** What the containers may use. */
import type { Resources } from "./settings.ts";

const CPU = { request: "10m" };
const MEMORY = { request: "48Mi", limit: "128Mi" };

interface Amount {
  readonly request?: string | undefined;
  readonly limit?: string | undefined;
}

/** The field `resources` of a container. Kubernetes takes no request above its limit, so one that is set stands alone. */
export function toResources({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: Resources): object {
  const cpu = cpuRequest || cpuLimit ? { request: cpuRequest, limit: cpuLimit } : CPU;
  const memory = memoryRequest || memoryLimit ? { request: memoryRequest, limit: memoryLimit } : MEMORY;
  return { requests: amounts("request", cpu, memory), limits: amounts("limit", cpu, memory) };
}

function amounts(side: keyof Amount, cpu: Amount, memory: Amount): object {
  return { ...(cpu[side] && { cpu: cpu[side] }), ...(memory[side] && { memory: memory[side] }) };
}

/** Requests above their limits, which no API server would take. */
export function resourceProblems({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: Resources): string[] {
  return [...excess("cpu", cpuRequest, cpuLimit), ...excess("memory", memoryRequest, memoryLimit)];
}

function excess(name: string, request: string | undefined, limit: string | undefined): string[] {
  if (!request || !limit || amountOf(request) <= amountOf(limit)) return [];
  return [`the ${name} request ${request} of the sidecar is above its limit ${limit}`];
}

const DECIMAL = ["k", "M", "G", "T", "P", "E"];
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** The number that a quantity stands for (apimachinery's resource.Quantity). */
function amountOf(quantity: string): number {
  const [, number = "", unit = ""] = /^([\d.]+)(\w*)$/.exec(quantity) ?? [];
  const factor =
    unit === "m" ? 1e-3 : 1000 ** (DECIMAL.indexOf(unit) + 1) * 1024 ** (BINARY.indexOf(unit) + 1);
  return Number(number) * factor;
}
