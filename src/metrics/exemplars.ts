import type { SpanContext } from "../trace/context.ts";
import { grown } from "./grown.ts";

const WORDS = 4;
const US_PER_SECOND = 1e6;

/**
 * The latest traced observation of each cell of a histogram (OpenMetrics 1.0, "Exemplars"). Takes no memory until a
 * trace is sampled.
 */
export class Exemplars {
  #traceIds = new Int32Array(0);
  #valuesUs = new Float64Array(0);
  /** Wall clock microseconds; 0: the cell has none. */
  #takenAtUs = new Float64Array(0);

  /** `cells` is how many the histogram has now. */
  set(cell: number, cells: number, context: SpanContext, us: number, atUs: number): void {
    if (cell >= this.#takenAtUs.length) this.#grow(cells);
    const ids = this.#traceIds;
    const at = cell * WORDS;
    ids[at] = context.traceHighHi;
    ids[at + 1] = context.traceHighLo;
    ids[at + 2] = context.traceLowHi;
    ids[at + 3] = context.traceLowLo;
    this.#valuesUs[cell] = us;
    this.#takenAtUs[cell] = atUs;
  }

  /** What follows the value of the cell's bucket in OpenMetrics text; empty if it has none. */
  text(cell: number): string {
    const atUs = this.#takenAtUs[cell] ?? 0;
    if (atUs === 0) return "";
    const seconds = this.#valuesUs[cell]! / US_PER_SECOND;
    return ` # {trace_id="${this.#traceId(cell)}"} ${seconds} ${(atUs / US_PER_SECOND).toFixed(3)}`;
  }

  /** Forgets cells `from` to `to`, without the latter. */
  reset(from: number, to: number): void {
    this.#takenAtUs.fill(0, from, to);
  }

  /** 32 digits, as W3C Trace Context has it. */
  #traceId(cell: number): string {
    let id = "";
    for (let i = 0; i < WORDS; i++) {
      id += (this.#traceIds[cell * WORDS + i]! >>> 0).toString(16).padStart(8, "0");
    }
    return id;
  }

  #grow(cells: number): void {
    this.#traceIds = grown(this.#traceIds, cells * WORDS);
    this.#valuesUs = grown(this.#valuesUs, cells);
    this.#takenAtUs = grown(this.#takenAtUs, cells);
  }
}
