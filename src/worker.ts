/**
 * A worker: one of several event loops, in a thread of its own. It is the same composition as the process's own, without
 * what a process has once; see workers/crew.ts, with which it talks.
 */
import { listConnections } from "./admin/connection-list.ts";
import { type App, startApp } from "./app.ts";
import { parseConfig } from "./config.ts";
import type { Environment } from "./env.ts";
import { outliveBugs } from "./outlive-bugs.ts";
import { ProxyError } from "./proxy/proxy.ts";
import { eventLoop } from "./workers/event-loop.ts";
import type { FromWorker, Question, ToWorker, WorkerOrder } from "./workers/messages.ts";
import { WorkerLog } from "./workers/worker-log.ts";

declare const self: Worker;

/** What runs here, once it was ordered. */
interface Running {
  readonly app: App;
  readonly log: WorkerLog;
  readonly serviceName: string;
}

let starting: Promise<Running | null> = Promise.resolve(null);

/** Orders that come while it starts are obeyed once it has, in the same order. */
self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "start") {
    starting = start(data.order);
    return;
  }
  const running = await starting;
  if (running !== null) obey(running, data);
};

async function start(order: WorkerOrder): Promise<Running | null> {
  const { number, environment, serviceName, version, memory, clockMs } = order;
  const log = new WorkerLog(order.level, (severity, message) => say({ kind: "log", severity, message }));
  outliveBugs(log);
  const app = await startApp({
    config: configOf(environment, serviceName),
    log,
    version,
    variables: () => environment,
    loop: eventLoop(number, memory, clockMs),
    crew: null,
    openAccessSink: () => ({ write: sendPage, flush: () => {} }),
  });
  if (app instanceof ProxyError) {
    say({ kind: "failed", why: app.message });
    return null;
  }
  app.trustExemption();
  say({ kind: "listening" });
  return { app, log, serviceName };
}

function obey({ app, log, serviceName }: Running, message: Exclude<ToWorker, { kind: "start" }>): void {
  switch (message.kind) {
    case "change":
      void app.change(configOf(message.environment, serviceName));
      break;
    case "level":
      log.setLevel(message.level);
      break;
    case "ask":
      say({ kind: "answer", id: message.id, text: answer(app, message.about) });
      break;
    case "close":
      void close(app);
  }
}

/** The first event loop has read the same variables already, so there is nothing wrong with them. */
function configOf(environment: Environment, serviceName: string) {
  const { config, problems } = parseConfig(environment, serviceName);
  if (config === null) throw new Error(problems.join("; "));
  return config;
}

function answer(app: App, about: Question): string {
  return about === "connections" ? listConnections(app.connections) : metricsOf(app);
}

/** In Prometheus' own format, which merge.ts reads. */
function metricsOf(app: App): string {
  return Buffer.from(app.scrape("").body).toString();
}

async function close(app: App): Promise<void> {
  await app.close();
  say({ kind: "closed", summary: app.summary(), metrics: metricsOf(app) });
}

function sendPage(page: Uint8Array): void {
  say({ kind: "access", page });
}

function say(message: FromWorker): void {
  self.postMessage(message);
}
