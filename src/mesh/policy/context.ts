/**
 * Gives every exchange its span context and writes it into the request head: the child of the context that came
 * with the request; for an outbound request without one, of the inbound request with the same request id; else a
 * new trace.
 */
import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import { childOf, DEBUG, newRoot, SAMPLED, SpanContext } from "../../trace/context.ts";
import type { IdSource } from "../../trace/ids.ts";
import { formatJaeger, readJaeger } from "../../trace/jaeger.ts";
import type { Sampler } from "../../trace/sampler.ts";
import type { ContextStore } from "../../trace/store.ts";
import type { Exchange, Policy } from "../exchange.ts";
import { setField } from "./set-field.ts";

export const UBER_TRACE_ID = "uber-trace-id";
const UBER_TRACE_ID_FIELD = new FieldName(UBER_TRACE_ID);
const UBER_TRACE_ID_LINE = new LinePrefix(UBER_TRACE_ID);
const DEBUG_ID_FIELD = new FieldName("jaeger-debug-id");

/** Longer request ids are passed on and tagged, but not remembered: a peer chooses them. */
const MAX_KEY_LENGTH = 256;

export interface ContextPolicyOptions {
  readonly store: ContextStore;
  readonly sampler: Sampler;
  readonly ids: IdSource;
  /** 128-bit trace ids for new traces. */
  readonly wide: boolean;
}

export class ContextPolicy implements Policy {
  readonly #received = new SpanContext();

  constructor(readonly options: ContextPolicyOptions) {}

  apply(exchange: Exchange, head: Head, edit: HeadEdit): void {
    const parent = this.#extract(head) ? this.#received : this.#remembered(exchange);
    if (exchange.ignored) {
      // No span, so nothing to be the parent of: what came passes untouched, what is remembered is handed on.
      if (parent !== null && parent !== this.#received) setContext(head, edit, parent);
      return;
    }
    if (parent !== null) this.#continue(exchange, parent);
    else this.#begin(exchange, head);
    exchange.traced = true;
    setContext(head, edit, exchange.context);
    if (exchange.conn.direction === "inbound") this.#remember(exchange);
  }

  /** The first valid context among the request's fields. */
  #extract(head: Head): boolean {
    for (let i = head.find(UBER_TRACE_ID_FIELD); i >= 0; i = head.find(UBER_TRACE_ID_FIELD, i + 1)) {
      if (readJaeger(head.buf, head.valueStart(i), head.valueEnd(i), this.#received)) return true;
    }
    return false;
  }

  #remembered({ conn, requestId }: Exchange): SpanContext | null {
    return conn.direction === "outbound" ? this.options.store.get(requestId) : null;
  }

  #remember({ requestId, context }: Exchange): void {
    if (requestId.length <= MAX_KEY_LENGTH) this.options.store.put(requestId, context);
  }

  #continue(exchange: Exchange, parent: SpanContext): void {
    exchange.hasParent = true;
    exchange.parent.copy(parent);
    childOf(exchange.context, parent, this.options.ids);
  }

  #begin(exchange: Exchange, head: Head): void {
    const { ids, wide, sampler } = this.options;
    const debug = head.find(DEBUG_ID_FIELD);
    const root = newRoot(exchange.context, ids, wide, 0);
    if (debug >= 0) {
      exchange.debugId = head.value(debug);
      root.flags = SAMPLED | DEBUG;
    } else if (sampler.sample(root)) {
      root.flags = SAMPLED;
    }
  }
}

function setContext(head: Head, edit: HeadEdit, context: SpanContext): void {
  setField(head, edit, UBER_TRACE_ID_FIELD, UBER_TRACE_ID_LINE, formatJaeger(context));
}
