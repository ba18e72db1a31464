/**
 * Writes metrics as text, in Prometheus' format 0.0.4 or in OpenMetrics 1.0. They differ in the name of a counter's
 * family, in `info`, in exemplars and in the end mark.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Exemplars } from "./exemplars.ts";
import type { Histogram } from "./histogram.ts";
import { TextBuffer } from "./text-buffer.ts";

export type Format = "prometheus" | "openmetrics";
export type FamilyType = "counter" | "gauge" | "histogram" | "info";

const US_PER_SECOND = 1e6;
const AFTER_BOUND = new Uint8Array(Buffer.from('"} '));
const NEW_LINE = new Uint8Array(Buffer.from("\n"));

export class Exposition {
  readonly #isOpenMetrics: boolean;
  readonly #out: TextBuffer;
  #name = "";

  constructor(format: Format, expectedBytes = 0) {
    this.#isOpenMetrics = format === "openmetrics";
    this.#out = new TextBuffer(expectedBytes);
  }

  /** Begins a family. `name` is without the suffix of its type; `help` is plain text on one line. */
  family(type: FamilyType, name: string, help: string): void {
    this.#name = type === "counter" ? `${name}_total` : type === "info" ? `${name}_info` : name;
    const family = this.#isOpenMetrics ? name : this.#name;
    const known = type === "info" && !this.#isOpenMetrics ? "gauge" : type;
    this.#out.text(`# HELP ${family} ${help}\n# TYPE ${family} ${known}\n`);
  }

  /** One value of the current family; `labels` as `labelText` makes them. */
  value(labels: string, value: number): void {
    this.#line("", labels, value);
  }

  /** The series in `slot` of `histogram`; `exemplars` are shown where the format has them. */
  histogram(labels: string, histogram: Histogram, slot: number, exemplars: Exemplars | null = null): void {
    const total = this.#buckets(labels, histogram, slot, this.#isOpenMetrics ? exemplars : null);
    this.#line("_sum", labels, histogram.sumUs(slot) / US_PER_SECOND);
    this.#line("_count", labels, total);
  }

  /** Everything that was written; nothing may follow. */
  end(): Uint8Array {
    if (this.#isOpenMetrics) this.#out.text("# EOF\n");
    return this.#out.bytes;
  }

  /** The lines of a histogram begin alike. Returns how many observations there are. */
  #buckets(labels: string, histogram: Histogram, slot: number, exemplars: Exemplars | null): number {
    const out = this.#out;
    const { buckets } = histogram;
    const from = out.length;
    out.text(`${this.#name}_bucket{${labels === "" ? "" : `${labels},`}le="`);
    const to = out.length;
    let total = 0;
    for (let i = 0; i < buckets.count; i++) {
      if (i > 0) out.again(from, to);
      out.piece(buckets.bounds[i]!);
      out.piece(AFTER_BOUND);
      total += histogram.count(slot, i);
      out.number(total);
      if (exemplars !== null) out.text(exemplars.text(histogram.cell(slot, i)));
      out.piece(NEW_LINE);
    }
    return total;
  }

  #line(suffix: string, labels: string, value: number): void {
    this.#out.text(labels === "" ? `${this.#name}${suffix} ` : `${this.#name}${suffix}{${labels}} `);
    this.#out.number(value);
    this.#out.piece(NEW_LINE);
  }
}
