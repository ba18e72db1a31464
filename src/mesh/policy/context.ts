/**
 * Gives every exchange its span context and writes it into the request head. The parent is the context that came with
 * the request; for an outbound request without one, what `Continuity` knows; else a trace begins.
 *
 * Written are the formats that are listed and those that the head uses, so that none goes on with a stale context. One
 * exception: a trace that is unsampled, and known to nobody but us and Jaeger's clients, stays out of all other formats.
 */
import type { HeadEdit } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import {
  childOf,
  DEBUG,
  FOREIGN,
  isShareable,
  newRoot,
  SAMPLED,
  type SpanContext,
} from "../../trace/context.ts";
import type { IdSource } from "../../trace/ids.ts";
import { DEFAULT_PROPAGATORS, Found, PROPAGATORS, type Propagator } from "../../trace/propagation.ts";
import type { Sampler } from "../../trace/sampler/sampler.ts";
import { TEXT_MAX_BYTES } from "../../trace/span.ts";
import type { Contexts } from "../../trace/store.ts";
import type { Exchange, Policy } from "../exchange.ts";
import { operationText } from "../operation.ts";
import { forwardBaggage } from "./baggage.ts";
import { Continuity } from "./continuity.ts";
import type { ContextFormat } from "./format.ts";
import { b3Format } from "./format-b3.ts";
import { b3MultiFormat } from "./format-b3multi.ts";
import { jaegerFormat } from "./format-jaeger.ts";
import { w3cFormat } from "./format-w3c.ts";
import { newParentCounters } from "./parent.ts";
import { Received } from "./received.ts";

const DEBUG_ID = new FieldName("jaeger-debug-id");

const FORMATS: Record<Propagator, ContextFormat> = {
  jaeger: jaegerFormat,
  tracecontext: w3cFormat,
  b3: b3Format,
  b3multi: b3MultiFormat,
};

export interface ContextPolicyOptions {
  readonly store: Contexts;
  readonly sampler: Sampler;
  readonly ids: IdSource;
  /** 128-bit trace ids for new traces. */
  readonly wide: boolean;
  /** Formats to write, and to believe first, in this order. */
  readonly propagators?: readonly Propagator[];
  /** Take the only inbound request in flight for the parent when nothing else tells. */
  readonly infer?: boolean;
}

export class ContextPolicy implements Policy {
  /** How many requests found their parent in which way. */
  readonly parents = newParentCounters();
  readonly #options: ContextPolicyOptions;
  readonly #continuity: Continuity;
  readonly #formats: readonly ContextFormat[];
  /** The first so many of the formats are listed. */
  readonly #listed: number;
  readonly #received: Received;
  /** What `#operation` names; set before the sampler is asked. */
  #exchange: Exchange | null = null;
  #head: Head | null = null;
  readonly #operation = (): string => operationText(this.#exchange!, this.#head!);

  constructor(options: ContextPolicyOptions) {
    const { propagators = DEFAULT_PROPAGATORS, store, infer = false } = options;
    this.#options = options;
    this.#continuity = new Continuity(store, infer);
    this.#formats = [...new Set([...propagators, ...PROPAGATORS])].map((name) => FORMATS[name]);
    this.#listed = propagators.length;
    this.#received = new Received(this.#formats);
  }

  apply(exchange: Exchange, head: Head, edit: HeadEdit): void {
    this.#exchange = exchange;
    this.#head = head;
    this.#received.read(head);
    if (exchange.ignored) this.#passIgnored(exchange, head, edit);
    else this.#trace(exchange, head, edit);
    if (exchange.conn.direction === "inbound") this.#continuity.began(exchange);
  }

  ended(exchange: Exchange): void {
    this.#continuity.ended(exchange);
  }

  #trace(exchange: Exchange, head: Head, edit: HeadEdit): void {
    const parent = this.#findParent(exchange);
    if (parent === null) this.#begin(exchange, head);
    else this.#continue(exchange, parent);
    exchange.traced = true;
    this.parents[exchange.conn.direction][exchange.parentSource]++;
    this.#inject(head, edit, exchange.context);
    forwardBaggage(head, edit);
  }

  /** No span, so nothing to be the parent of: what came passes untouched, what is remembered is handed on. */
  #passIgnored(exchange: Exchange, head: Head, edit: HeadEdit): void {
    if (this.#received.count > 0 || this.#received.decision >= 0) return;
    const parent = this.#findParent(exchange);
    if (parent !== null) this.#inject(head, edit, parent);
  }

  #findParent(exchange: Exchange): SpanContext | null {
    const { conn, requestId } = exchange;
    const outbound = conn.direction === "outbound";
    if (this.#received.count > 0) return this.#receivedParent(exchange, outbound);
    if (!outbound) return null;
    const mapped = this.#continuity.ofRequest(requestId);
    const parent = mapped ?? this.#continuity.inferred();
    if (parent !== null) exchange.parentSource = mapped === null ? "inferred" : "request_id";
    return parent;
  }

  #receivedParent(exchange: Exchange, outbound: boolean): SpanContext {
    const received = this.#received;
    if (outbound && received.count > 1) received.refine(this.#continuity.ofRequest(exchange.requestId));
    const decided = received.merge();
    const { context } = received;
    if (!decided && this.#options.sampler.sample(context, this.#operation) !== null) context.flags = SAMPLED;
    exchange.parentSource = received.source;
    return context;
  }

  #continue(exchange: Exchange, parent: SpanContext): void {
    exchange.hasParent = true;
    exchange.parent.copy(parent);
    const { context } = exchange;
    childOf(context, parent, this.#options.ids);
    // Who decides without naming a trace decides for the one that this request turns out to belong to.
    if (this.#received.count === 0) this.#decide(context);
  }

  /** Applies what the head asks for without naming a trace. False if it asks for nothing. */
  #decide(context: SpanContext): boolean {
    const { decision } = this.#received;
    if (decision < 0) return false;
    context.flags = decision;
    context.traits |= FOREIGN;
    return true;
  }

  #begin(exchange: Exchange, head: Head): void {
    const { ids, wide, sampler } = this.#options;
    const root = newRoot(exchange.context, ids, wide, 0);
    const debug = head.find(DEBUG_ID);
    if (debug >= 0 && head.valueEnd(debug) > head.valueStart(debug)) {
      exchange.debugId = head.value(debug, TEXT_MAX_BYTES);
      root.flags = SAMPLED | DEBUG;
    } else if (!this.#decide(root)) {
      exchange.samplerTags = sampler.sample(root, this.#operation);
      if (exchange.samplerTags !== null) root.flags = SAMPLED;
    }
  }

  #inject(head: Head, edit: HeadEdit, context: SpanContext): void {
    const received = this.#received;
    const shareable = isShareable(context);
    for (let i = 0; i < this.#formats.length; i++) {
      const found = received.found(i);
      if (found === Found.Nothing && i >= this.#listed) continue;
      const format = this.#formats[i]!;
      const continued = received.continues(i, context);
      if (shareable || format === jaegerFormat) format.write(head, edit, context, continued);
      else if (found !== Found.Nothing && !continued) format.remove(head, edit);
    }
  }
}
