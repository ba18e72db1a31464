/**
 * Exchange → span: what started the trace, mapped headers and cookies, the request, how it found its parent; then the
 * response and the error. Without the parent that is netramesh 0.10's order.
 */
import type { Head } from "../http1/head.ts";
import type { Reporter } from "../trace/reporter.ts";
import type { Span } from "../trace/span.ts";
import type { SpanPool } from "../trace/span-pool.ts";
import { type ConstantTag, constantBool, constantText, tagKey } from "../trace/tag.ts";
import type { Exchange, ExchangeObserver } from "./exchange.ts";
import { MappedTags, type TagMaps } from "./mapped-tags.ts";
import { operation, writeOperation } from "./operation.ts";
import type { ParentSource } from "./policy/parent.ts";
import { isBroken } from "./span-error.ts";
import type { SpanTags } from "./span-tags.ts";

const DEBUG_ID = tagKey("jaeger-debug-id");
const SERVER = constantText(tagKey("span.kind"), "server");
const CLIENT = constantText(tagKey("span.kind"), "client");
const ERROR = constantBool(tagKey("error"), true);
const TIMEOUT = constantBool(tagKey("timeout"), true);
const FRAMING = tagKey("netramesh.framing");
const PARENT = tagKey("netramesh.parent");
const PARENTS: Readonly<Record<ParentSource, ConstantTag>> = {
  uber: constantText(PARENT, "uber"),
  traceparent: constantText(PARENT, "traceparent"),
  b3: constantText(PARENT, "b3"),
  request_id: constantText(PARENT, "request_id"),
  inferred: constantText(PARENT, "inferred"),
  none: constantText(PARENT, "none"),
};

export interface SpanObserverOptions extends TagMaps {
  readonly pool: SpanPool;
  readonly reporter: Reporter;
  /** The names that tags have, one set or more; the first one says what is an error. */
  readonly tags: readonly [SpanTags, ...SpanTags[]];
}

export class SpanObserver implements ExchangeObserver {
  readonly #options: SpanObserverOptions;
  #mapped: MappedTags;
  readonly #tags: readonly SpanTags[];
  readonly #isError: (exchange: Exchange) => boolean;

  constructor(options: SpanObserverOptions) {
    this.#options = options;
    this.#mapped = new MappedTags(options);
    this.#tags = options.tags;
    this.#isError = options.tags[0].isError;
  }

  requested(exchange: Exchange, head: Head, requestBytes: number): void {
    if (!exchange.traced || !exchange.context.sampled) return;
    const { pool } = this.#options;
    if (pool.refuses()) return;
    const parent = exchange.hasParent ? exchange.parent : null;
    const span = pool.take(exchange.context, parent, exchange.startedAtUs);
    exchange.span = span;
    span.operationBytes(operation, 0, writeOperation(exchange, head));
    tagOrigin(span, exchange);
    this.#mapped.tag(span, head);
    span.tag(exchange.conn.direction === "inbound" ? SERVER : CLIENT);
    for (let i = 0; i < this.#tags.length; i++) this.#tags[i]!.request(span, exchange, head, requestBytes);
    span.tag(PARENTS[exchange.parentSource]);
  }

  /** What becomes tags of requests from now on. */
  map(maps: TagMaps): void {
    this.#mapped = new MappedTags(maps);
  }

  ended(exchange: Exchange): void {
    const { span } = exchange;
    if (span === null) return;
    exchange.span = null;
    for (let i = 0; i < this.#tags.length; i++) this.#tags[i]!.response(span, exchange);
    this.#tagFailure(span, exchange);
    span.finish(exchange.endedAtUs);
    this.#options.reporter.report(span);
  }

  #tagFailure(span: Span, exchange: Exchange): void {
    if (exchange.unreadable !== null) span.tagLatin1(FRAMING, exchange.unreadable);
    if (isBroken(exchange) || this.#isError(exchange)) span.tag(ERROR);
    if (exchange.outcome === "client-left") span.tag(TIMEOUT);
  }
}

/** Only the span that begins a trace says why it is recorded. */
function tagOrigin(span: Span, { debugId, samplerTags }: Exchange): void {
  if (debugId !== "") span.tagLatin1(DEBUG_ID, debugId);
  else samplerTags?.writeTo(span);
}
