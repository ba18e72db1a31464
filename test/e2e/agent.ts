import type { Pod } from "../../examples/lab/pod.ts";
import { inNamespace } from "../ffi/namespace.ts";
import { type ReadSpan, readEmitBatch } from "../trace/support/thrift-reader.ts";
import { eventually } from "./harness.ts";

export const AGENT_PORT = 6831;
const FLUSH_INTERVAL_MS = 20;

/** A span and the service that reported it, its tags by name. */
export interface AgentSpan extends Omit<ReadSpan, "tags"> {
  readonly service: string;
  readonly tags: Record<string, unknown>;
}

/** A Jaeger agent in a pod; its decoder is npm `thrift`. */
export class Agent {
  readonly #spans: AgentSpan[] = [];

  private constructor(readonly pod: Pod) {}

  static async start(pod: Pod): Promise<Agent> {
    const agent = new Agent(pod);
    const socket = { data: (_: unknown, datagram: Uint8Array) => agent.#receive(datagram) };
    await inNamespace(pod.namespace, () => Bun.udpSocket({ hostname: "::", port: AGENT_PORT, socket }));
    return agent;
  }

  /** What makes a sidecar sample everything and report it here, at once. */
  get env(): Record<string, string> {
    return { ...tracing, JAEGER_AGENT_HOST: this.pod.ip4 };
  }

  #receive(datagram: Uint8Array): void {
    const { serviceName, spans } = readEmitBatch(datagram);
    for (const span of spans) {
      this.#spans.push({ ...span, service: serviceName, tags: Object.fromEntries(span.tags) });
    }
  }

  /** The spans of these request ids in order of their start, once there are `count`, and any that follow soon. */
  spans(count: number, ...requestIds: string[]): Promise<AgentSpan[]> {
    return this.find(count, ({ tags }) => requestIds.includes(`${tags["http.request_id"]}`));
  }

  /** All spans that are wanted, once there are `count`, and any that follow soon. */
  async find(count: number, isWanted: (span: AgentSpan) => boolean): Promise<AgentSpan[]> {
    const found = () => this.#spans.filter(isWanted);
    await eventually(
      () => found().length >= count,
      () => `${found().length} spans instead of ${count}`,
    );
    await Bun.sleep(3 * FLUSH_INTERVAL_MS);
    return found().toSorted((a, b) => a.startTime - b.startTime);
  }
}

/** Samples every trace and sends spans at once. */
export const tracing = {
  JAEGER_SAMPLER_TYPE: "const",
  JAEGER_SAMPLER_PARAM: "1",
  JAEGER_REPORTER_FLUSH_INTERVAL: `${FLUSH_INTERVAL_MS}ms`,
};
