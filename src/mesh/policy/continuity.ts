/**
 * What joins an outbound request that carries no context to the inbound one that caused it: its request id, while the
 * inbound response has not ended and for the store's expiry after that; else, if that is wanted, the fact that there is
 * only one inbound request it can come from. With two candidates nothing is guessed.
 */
import type { SpanContext } from "../../trace/context.ts";
import { NO_SLOT } from "../../trace/slot-queue.ts";
import type { Contexts } from "../../trace/store.ts";
import type { Exchange } from "../exchange.ts";
import { InFlight } from "./in-flight.ts";
import { MAX_KEY_LENGTH } from "./request-id.ts";

export class Continuity {
  readonly #store: Contexts;
  readonly #inFlight = new InFlight();
  /** Every inbound exchange in flight, also without a span: any of them may be the cause. Null without inference. */
  readonly #candidates: Set<Exchange> | null;

  /** `store` keeps what has ended; `infer` allows parents that are only inferred. */
  constructor(store: Contexts, infer: boolean) {
    this.#store = store;
    this.#candidates = infer ? new Set() : null;
  }

  /** An inbound exchange has its context, if it gets one. It must not change until `ended`. */
  began(exchange: Exchange): void {
    this.#candidates?.add(exchange);
    const { traced, requestId, context } = exchange;
    if (!traced || requestId.length > MAX_KEY_LENGTH) return;
    this.#inFlight.add(exchange);
    this.#store.hold(requestId, context);
  }

  /** Any exchange is over. */
  ended(exchange: Exchange): void {
    this.#candidates?.delete(exchange);
    if (exchange.inFlightSlot === NO_SLOT) return;
    this.#inFlight.remove(exchange);
    this.#store.put(exchange.requestId, exchange.context);
  }

  /** The context of the server span with this request id, valid during the call of the policy; null if unknown. */
  ofRequest(requestId: string): SpanContext | null {
    if (requestId.length > MAX_KEY_LENGTH) return null;
    return this.#inFlight.get(requestId)?.context ?? this.#store.get(requestId);
  }

  /** The context of the only inbound request in flight; null if there are more, or it has none, or none is wanted. */
  inferred(): SpanContext | null {
    if (this.#candidates?.size !== 1) return null;
    const [only] = this.#candidates;
    return only!.traced ? only!.context : null;
  }
}
