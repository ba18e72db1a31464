import type { Exchange } from "../exchange.ts";

/**
 * Inbound exchanges whose response has not ended: what may have caused an outbound request. Those with the same request
 * id hang together as a list, the youngest first, so that each of them leaves at once however many there are.
 */
export class InFlight {
  readonly #youngest = new Map<string, Exchange>();

  /** The youngest exchange with this request id, or null. */
  get(requestId: string): Exchange | null {
    return this.#youngest.get(requestId) ?? null;
  }

  add(exchange: Exchange): void {
    const older = this.#youngest.get(exchange.requestId) ?? null;
    exchange.older = older;
    exchange.younger = null;
    if (older !== null) older.younger = exchange;
    this.#youngest.set(exchange.requestId, exchange);
  }

  /** `exchange` was added and is as it was then. */
  remove(exchange: Exchange): void {
    const { older, younger, requestId } = exchange;
    if (older !== null) older.younger = younger;
    if (younger !== null) younger.older = older;
    else if (older !== null) this.#youngest.set(requestId, older);
    else this.#youngest.delete(requestId);
    exchange.older = null;
    exchange.younger = null;
  }
}
