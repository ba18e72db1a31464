/**
 * `bun bench/exchange.ts`: what one exchange costs our own code, without sockets: parsing, policies, and the span up to
 * the datagram. Nanoseconds per exchange over 64 connections in turn: the fastest of many short rounds, because whatever
 * else runs can only make one slower; the median in brackets.
 */
import { parseConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { AccessLog } from "../src/mesh/access-log/access-log.ts";
import { jsonFormat } from "../src/mesh/access-log/json.ts";
import type { ExchangeObserver } from "../src/mesh/exchange.ts";
import type { HttpHandler } from "../src/mesh/http-handler.ts";
import { RequestIdPolicy } from "../src/mesh/policy/request-id.ts";
import { SourcePolicy } from "../src/mesh/policy/source.ts";
import { Clock } from "../src/trace/clock.ts";
import { createTracing, type Tracing } from "../src/tracing.ts";
import { openConnections, timeExchange } from "./load/exchange.ts";
import { REAL, requestOf, type Shape, TINY } from "./load/shapes.ts";
import { fastest } from "./statistics.ts";

const ROUNDS = 300;
const WARM_UP_ROUNDS = 100;

async function trace(sampled: "0" | "1", agentPort: number): Promise<Tracing> {
  const { config, problems } = parseConfig(
    {
      JAEGER_SAMPLER_TYPE: "const",
      JAEGER_SAMPLER_PARAM: sampled,
      JAEGER_AGENT_HOST: "127.0.0.1",
      JAEGER_AGENT_PORT: String(agentPort),
    },
    "bench",
  );
  if (config === null) throw new Error(problems.join("\n"));
  const tracing = await createTracing(
    config,
    createLog({ level: "error", sink: Bun.stderr.writer() }),
    "bench",
  );
  tracing.start();
  return tracing;
}

function handlers({ policy, observer }: Tracing, others: readonly ExchangeObserver[]): HttpHandler[] {
  return openConnections("inbound", {
    policies: [new RequestIdPolicy("X-Request-Id"), new SourcePolicy("X-Source", "netra"), policy],
    observers: observer === null ? others : [observer, ...others],
    clock: new Clock(),
  });
}

/** Nanoseconds per exchange, one figure a round; between rounds the event loop sends what is due. */
async function measure(connections: readonly HttpHandler[], request: Uint8Array): Promise<number[]> {
  const rounds: number[] = [];
  for (let i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
    rounds.push(timeExchange(connections, [request]));
    await Bun.sleep(1);
  }
  return rounds.slice(WARM_UP_ROUNDS);
}

async function report(
  sampled: "0" | "1",
  shape: Shape,
  observers: readonly ExchangeObserver[],
  what: string,
): Promise<void> {
  const agent = await Bun.udpSocket({ hostname: "127.0.0.1", socket: { data() {} } });
  const tracing = await trace(sampled, agent.port);
  const { min, median } = fastest(await measure(handlers(tracing, observers), requestOf(shape)));
  const label = `${shape.name} ${sampled === "1" ? "traced" : "unsampled"}${what}`;
  process.stdout.write(`${label.padEnd(27)} ${min.toFixed(0)} ns (${median.toFixed(0)})\n`);
  await tracing.close(100);
  agent.close();
}

for (const shape of [TINY, REAL]) {
  for (const sampled of ["0", "1"] as const) {
    await report(sampled, shape, [], "");
    await report(sampled, shape, [new AccessLog(jsonFormat, () => {})], ", access log");
  }
}
process.exit(0);
