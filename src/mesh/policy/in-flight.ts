import { SlotIndex } from "../../trace/slot-index.ts";
import { NO_SLOT, SlotQueue } from "../../trace/slot-queue.ts";
import type { Exchange } from "../exchange.ts";

const FIRST_SLOTS = 64;

/**
 * Inbound exchanges whose response has not ended: what may have caused an outbound request. Those with the same request
 * id hang together as a list, the youngest first, so that each of them leaves at once however many there are.
 *
 * Not a Map, for the reason that SessionList gives.
 */
export class InFlight {
  readonly #index = new SlotIndex(FIRST_SLOTS);
  readonly #queue = new SlotQueue(FIRST_SLOTS);
  /** By slot. */
  readonly #youngest: (Exchange | null)[] = Array(FIRST_SLOTS).fill(null);

  /** The youngest exchange with this request id, or null. */
  get(requestId: string): Exchange | null {
    const slot = this.#index.find(requestId);
    return slot === NO_SLOT ? null : this.#youngest[slot]!;
  }

  add(exchange: Exchange): void {
    const older = this.get(exchange.requestId);
    exchange.inFlightSlot = older === null ? this.#newSlot() : older.inFlightSlot;
    exchange.older = older;
    exchange.younger = null;
    if (older !== null) older.younger = exchange;
    this.#youngest[exchange.inFlightSlot] = exchange;
  }

  /** `exchange` was added and is as it was then. */
  remove(exchange: Exchange): void {
    const { older, younger, inFlightSlot } = exchange;
    if (older !== null) older.younger = younger;
    if (younger !== null) younger.older = older;
    else this.#youngest[inFlightSlot] = older;
    if (older === null && younger === null) this.#free(inFlightSlot);
    exchange.inFlightSlot = NO_SLOT;
    exchange.older = null;
    exchange.younger = null;
  }

  /** For the request id that was not found. */
  #newSlot(): number {
    let slot = this.#queue.take();
    if (slot === NO_SLOT) {
      this.#grow();
      slot = this.#queue.take();
    }
    this.#index.add(slot);
    return slot;
  }

  #free(slot: number): void {
    this.#index.remove(slot);
    this.#queue.free(slot);
  }

  #grow(): void {
    const slots = 2 * this.#youngest.length;
    this.#index.grow(slots);
    this.#queue.grow(slots);
    while (this.#youngest.length < slots) this.#youngest.push(null);
  }
}
