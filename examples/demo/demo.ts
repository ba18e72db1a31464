/**
 * Four services behind four sidecars, four requests, and the traces they leave. Proves itself: it exits with 1
 * unless every request left one whole trace. Read `main` first; every step has a file of its own beside this one.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Lab } from "../lab/namespaces.ts";
import type { Pod } from "../lab/pod.ts";
import { CHAIN, chainText } from "./chain.ts";
import { answerFaults, traceFaults } from "./checks.ts";
import { Collector } from "./collector.ts";
import { createForward } from "./forward.ts";
import { memoryOf } from "./memory.ts";
import { FLUSH_INTERVAL_MS, type Mesh, script, startMesh } from "./mesh.ts";
import { choosePaint } from "./paint.ts";
import { AGENT_PORT } from "./ports.ts";
import { isRoot, obstacles, runInUserNamespace } from "./privileges.ts";
import { figuresText } from "./report.ts";
import {
  type Answer,
  latencies,
  MEASURED,
  MEASURED_REQUESTS,
  SHOWN,
  urlsToMeasure,
  urlsToShow,
} from "./requests.ts";
import { assembleTraces, type Trace } from "./trace.ts";
import { traceText } from "./trace-text.ts";

const REPOSITORY = resolve(import.meta.dir, "../..");
const NETRAMESH = `${REPOSITORY}/dist/netramesh`;
const SPANS_TIMEOUT_MS = 5000;
const MAX_FAULTS_SHOWN = 10;
const paint = choosePaint(process.stdout.isTTY, process.env);

async function main(): Promise<number> {
  const missing = obstacles();
  if (!existsSync(NETRAMESH)) missing.push("dist/netramesh: build it with npm run build");
  if (missing.length > 0) return giveUp("The demo cannot run here. Missing:", missing);
  return isRoot() ? demonstrate() : runInUserNamespace([process.execPath, ...process.argv.slice(1)]);
}

async function demonstrate(): Promise<number> {
  const collector = new Collector(await createForward(process.env));
  const lab = Lab.create("netra-demo", { share: REPOSITORY });
  const agent = await startAgent(lab, collector);
  const mesh = await startMesh(lab, agent.ip4);
  print(`${chainText(CHAIN)}\n`);

  const customer = lab.pod("customer");
  const shown = await send(customer, urlsToShow(mesh.frontIp));
  const measured = await send(customer, urlsToMeasure(mesh.frontIp));
  const requests = SHOWN.length + MEASURED_REQUESTS;
  await collector.waitFor(requests * MEASURED.steps.length, SPANS_TIMEOUT_MS, 4 * FLUSH_INTERVAL_MS);

  const traces = assembleTraces(collector.spans);
  printTraces(traces);
  printFigures(mesh, traces, measured);
  lab.close();
  return verdict(traces, collector, shown, measured);
}

async function startAgent(lab: Lab, collector: Collector): Promise<Pod> {
  const pod = lab.pod("agent");
  const { stdout } = pod.spawn(script("agent.ts"), { stdout: "pipe", stderr: "inherit" });
  void collector.takeLines(stdout as ReadableStream<Uint8Array>);
  await pod.waitForPort(AGENT_PORT, undefined, "udp");
  return pod;
}

async function send(customer: Pod, urls: readonly string[]): Promise<Answer[]> {
  const { code, stdout, stderr } = await customer.run(script("traffic.ts", ...urls));
  if (code !== 0) throw new Error(`the customer gave up: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

function printTraces(traces: readonly Trace[]): void {
  const paths = new Set(SHOWN.map(({ path }) => path));
  for (const trace of traces) {
    const operation = trace.roots[0]?.span.operation;
    if (operation !== undefined && paths.has(operation)) print(`${traceText(trace, paint)}\n`);
  }
}

function printFigures(mesh: Mesh, traces: readonly Trace[], measured: readonly Answer[]): void {
  const figures = {
    requests: SHOWN.length + MEASURED_REQUESTS,
    directRequests: MEASURED_REQUESTS,
    spans: traces.reduce((sum, { spans }) => sum + spans.length, 0),
    traces: traces.length,
    latencies: latencies(measured),
    sidecars: mesh.sidecars.map(({ service, pid }) => ({ service, memory: memoryOf(pid) })),
  };
  print(`${figuresText(figures, paint)}\n`);
}

function verdict(traces: Trace[], collector: Collector, shown: Answer[], measured: Answer[]): number {
  const sent = SHOWN.map((order) => ({ order, times: 1 }));
  const faults = [
    ...SHOWN.flatMap((order, i) => answerFaults(order, shown.slice(i, i + 1))),
    ...answerFaults(MEASURED, measured),
    ...traceFaults(traces, [...sent, { order: MEASURED, times: MEASURED_REQUESTS }]),
  ];
  if (collector.unreadable > 0) faults.push(`${collector.unreadable} datagrams were no batch of spans`);
  if (faults.length > 0) return giveUp("These are not the traces of these requests:", faults);
  print(paint("green", `✓ every request left one whole trace: ${traces.length} of ${traces.length}`));
  return 0;
}

function giveUp(why: string, items: readonly string[]): number {
  const more = items.length - MAX_FAULTS_SHOWN;
  const shown = items.slice(0, MAX_FAULTS_SHOWN).map((item) => `  - ${item}`);
  process.stderr.write(`${[why, ...shown, ...(more > 0 ? [`  … and ${more} more`] : [])].join("\n")}\n`);
  return 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function failed(error: Error): number {
  return giveUp("The demo did not get to its end:", [error.message]);
}

process.exit(await main().catch(failed));
