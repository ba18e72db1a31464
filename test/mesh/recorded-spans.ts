/** An HttpHandler with the production tracing behind it, down to the datagram, which npm `thrift` reads. */
import { HttpHandler } from "../../src/mesh/http-handler.ts";
import { ignoredPaths } from "../../src/mesh/ignored-paths.ts";
import { ContextPolicy } from "../../src/mesh/policy/context.ts";
import { RequestIdPolicy } from "../../src/mesh/policy/request-id.ts";
import { SpanObserver } from "../../src/mesh/span-observer.ts";
import type { ConnInfo } from "../../src/proxy/handler.ts";
import { Clock } from "../../src/trace/clock.ts";
import { RandomIds } from "../../src/trace/ids.ts";
import type { Propagator } from "../../src/trace/propagation.ts";
import { Reporter } from "../../src/trace/reporter.ts";
import { ConstSampler } from "../../src/trace/sampler/const.ts";
import { SpanPool } from "../../src/trace/span-pool.ts";
import { ContextStore } from "../../src/trace/store.ts";
import { CompactBatch } from "../../src/trace/thrift/compact.ts";
import type { TraceConfig } from "../../src/trace/trace-env.ts";
import { tagsOf } from "../../src/tracing.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FakeTime } from "../trace/support/fakes.ts";
import { type ReadSpan, readEmitBatch } from "../trace/support/thrift-reader.ts";
import { FakeRelay } from "./conversation.ts";

export interface MeshOptions {
  readonly sampled?: boolean;
  readonly semconv?: TraceConfig["semconv"];
  readonly propagators?: readonly Propagator[];
  readonly infer?: boolean;
}

const TAGS = {
  jaeger: await tagsOf("jaeger", "X-Request-Id"),
  otel: await tagsOf("otel", "X-Request-Id"),
  both: await tagsOf("both", "X-Request-Id"),
};

export class TracedMesh {
  readonly spans: ReadSpan[] = [];
  readonly clock = new FakeTime();
  readonly #spanClock = new Clock(() => 1_000_000, this.clock.now);
  readonly #reporter: Reporter;
  readonly #policies;
  readonly #observer: SpanObserver;

  /** Maps and ignored paths are those of the golden environment. */
  constructor({ sampled = true, semconv = "jaeger", ...context }: MeshOptions = {}) {
    const pool = new SpanPool();
    const sampler = new ConstSampler(sampled);
    this.#reporter = new Reporter({
      pool,
      batch: new CompactBatch({ serviceName: "golden-svc", tags: [] }),
      sender: { send: (batch) => this.#received(batch), ready: async () => {}, close: async () => {} },
      log: new MemoryLog(),
      flushIntervalMs: 1,
      logSpans: false,
      timers: this.clock,
    });
    const store = new ContextStore({ expirationMs: 0, sweepIntervalMs: 1, maxEntries: 10 });
    this.#policies = [
      new RequestIdPolicy("X-Request-Id"),
      new ContextPolicy({ store, sampler, ids: new RandomIds(), wide: false, ...context }),
    ];
    this.#observer = new SpanObserver({
      pool,
      reporter: this.#reporter,
      headerTags: [
        { name: "x-session", tag: "http.session" },
        { name: "x-mobile-info", tag: "http.x-mobile-info" },
      ],
      cookieTags: [{ name: "sess", tag: "http.cookies.sess" }],
      tags: TAGS[semconv],
    });
  }

  connect(conn: ConnInfo): { handler: HttpHandler; relay: FakeRelay } {
    const relay = new FakeRelay();
    const handler = new HttpHandler(conn, relay, {
      policies: this.#policies,
      observers: [this.#observer],
      clock: this.#spanClock,
      isIgnored: ignoredPaths(new Set(["/health"])),
      headTimeoutMs: 60_000,
      onOpaque: () => {},
      onBug: (error) => {
        throw error;
      },
    });
    return { handler, relay };
  }

  flush(): void {
    this.#reporter.flush();
  }

  #received(batch: Uint8Array): boolean {
    this.spans.push(...readEmitBatch(batch).spans);
    return true;
  }
}
