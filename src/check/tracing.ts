/** Would spans arrive, and would there be any? */
import type { Address } from "../address.ts";
import type { Config } from "../config.ts";
import { Bad, ip as ipLiteral } from "../env.ts";
import { shownEndpoint, strategyUrl } from "../trace/sampler/endpoint.ts";
import type { fetchStrategy } from "../trace/sampler/fetch-strategy.ts";
import type { probeAgent } from "./agent-probe.ts";
import type { HttpAnswer, probeCollector } from "./collector-probe.ts";
import { error, type Finding, ok, warning } from "./finding.ts";

const TIMEOUT_MS = 3000;

/** The ways to the outside. */
export interface Outside {
  readonly lookUp: (host: string) => Promise<readonly Address[]>;
  readonly probeAgent: typeof probeAgent;
  readonly probeCollector: typeof probeCollector;
  readonly fetchStrategy: typeof fetchStrategy;
}

export interface Traced {
  readonly findings: readonly Finding[];
  /** What the collector's clock said when it answered; null if it did not say. */
  readonly dateAtMs: number | null;
}

/** Takes a few seconds at most. */
export async function checkTracing(config: Config, outside: Outside): Promise<Traced> {
  if (config.trace.disabled) {
    const hint = "remove JAEGER_DISABLED or OTEL_SDK_DISABLED if traces are wanted";
    return { findings: [warning("export", "tracing is switched off", hint)], dateAtMs: null };
  }
  const [exported, sampled] = await Promise.all([
    checkExport(config, outside),
    checkSampling(config, outside),
  ]);
  return { findings: [...exported.findings, ...sampled], dateAtMs: exported.dateAtMs };
}

async function checkExport({ trace, serviceName }: Config, outside: Outside): Promise<Traced> {
  const { jaeger, otel } = trace;
  switch (trace.exporter) {
    case "jaeger-udp":
      return { findings: [await checkAgent(jaeger.agent, serviceName, outside)], dateAtMs: null };
    case "jaeger-http":
      return checkCollector("the Jaeger collector", jaeger.collector!.url, null, outside);
    case "otlp":
      return checkCollector("the OTLP collector", otel.otlp.url, otel.otlp.certificateFile, outside);
    case "none": {
      const hint = "set OTEL_TRACES_EXPORTER to otlp or jaeger if traces are wanted";
      return { findings: [warning("export", "spans go nowhere", hint)], dateAtMs: null };
    }
  }
}

async function checkAgent(
  { host, port }: { readonly host: string; readonly port: number },
  serviceName: string,
  outside: Outside,
): Promise<Finding> {
  const found = await addressOf(host, outside);
  if (typeof found === "string") {
    const hint = "set JAEGER_AGENT_HOST to a name that this pod can look up, or to an address";
    return error("agent", `the Jaeger agent ${host} has no address: ${found}`, hint);
  }
  const name = `the Jaeger agent ${host}:${port}${found.ip === host ? "" : ` (${found.ip})`}`;
  const why = await outside.probeAgent({ ip: found.ip, port }, { serviceName, tags: [] });
  if (why === null)
    return ok("agent", `${name}: nothing refused a datagram; UDP cannot prove that it arrived`);
  const hint =
    "start an agent there, or set JAEGER_AGENT_HOST and JAEGER_AGENT_PORT, or JAEGER_ENDPOINT, or OTLP's";
  return error("agent", `${name} cannot be reached: ${why}`, hint);
}

/** The first address of a name, or why there is none. */
async function addressOf(host: string, { lookUp }: Outside): Promise<{ readonly ip: string } | string> {
  if (!(ipLiteral(host) instanceof Bad)) return { ip: host };
  const late = Bun.sleep(TIMEOUT_MS).then(() => `no answer within ${TIMEOUT_MS} ms`);
  const search = lookUp(host).then(
    ([first]) => first ?? "none was found",
    (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
  );
  return Promise.race([search, late]);
}

async function checkCollector(
  name: string,
  url: string,
  certificateFile: string | null,
  outside: Outside,
): Promise<Traced> {
  const answer = await outside.probeCollector(url, certificateFile, TIMEOUT_MS);
  const dateAtMs = typeof answer === "string" ? null : answer.dateAtMs;
  return { findings: [judge(`${name} ${shownEndpoint(url)}`, answer)], dateAtMs };
}

function judge(name: string, answer: HttpAnswer | string): Finding {
  const hint = "check the URL, that the collector runs, and that the network lets this pod reach it";
  if (typeof answer === "string") return error("collector", `${name} cannot be reached: ${answer}`, hint);
  const message = `${name} answers (HEAD: ${answer.status}); no span was sent`;
  return answer.status >= 500 ? warning("collector", message, hint) : ok("collector", message);
}

/** With the default sampler and nobody to ask, everything works and nothing is traced. */
async function checkSampling({ trace, serviceName }: Config, outside: Outside): Promise<Finding[]> {
  const { sampler, remoteSampling } = trace.jaeger;
  if (sampler.type !== "remote") {
    return [ok("sampling", `new traces are sampled here: ${sampler.type} ${sampler.param}`)];
  }
  const url = strategyUrl(remoteSampling.endpoint, serviceName);
  const name = `the sampling endpoint ${shownEndpoint(url)}`;
  try {
    await outside.fetchStrategy(url, AbortSignal.timeout(TIMEOUT_MS));
    return [ok("sampling", `${name} gives a strategy`)];
  } catch {
    const until = sampler.param === 0 ? "nothing is traced" : `a share of ${sampler.param} is traced`;
    const hint =
      "set JAEGER_SAMPLER_TYPE=const and JAEGER_SAMPLER_PARAM=1 to trace everything, or JAEGER_SAMPLING_ENDPOINT";
    return [warning("sampling", `${name} gives no strategy: ${until} until it does`, hint)];
  }
}
