/** The duration of requests in one direction: a histogram per kind of request, status and error. */
import type { Head } from "../http1/head.ts";
import type { Exchange, Outcome } from "../mesh/exchange.ts";
import { isBroken, isOtelError } from "../mesh/span-error.ts";
import { REQUEST_BUCKETS } from "./buckets.ts";
import { Exemplars } from "./exemplars.ts";
import type { Exposition } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { type Kind, OTHER, OVERFLOW_ID } from "./kinds.ts";
import { labelText } from "./labels.ts";
import { RequestKinds } from "./request-kinds.ts";
import { type SeriesHost, SeriesTable } from "./series.ts";

/** What went wrong, other than what the status says; the index is part of a series' key. */
const FAULTS: readonly (Outcome | "")[] = ["", "aborted", "client-left", "unreadable"];
/** One more than the largest status. */
const STATUSES = 1000;
/** For what there is no room for: without error, and with one. */
const OVERFLOW_SERIES = 2;

export interface HttpFamilyOptions {
  readonly name: string;
  readonly help: string;
  /** Label sets, the two for all others not counted. */
  readonly maxSeries: number;
  /** Tell servers apart. */
  readonly withServer: boolean;
  readonly withRoutes: boolean;
}

export class HttpFamily implements SeriesHost {
  readonly kinds: RequestKinds;
  /** Exchanges that were counted as `_other`. */
  dropped = 0;
  readonly #options: HttpFamilyOptions;
  readonly #series: SeriesTable;
  readonly #durations = new Histogram(REQUEST_BUCKETS, 0);
  readonly #exemplars = new Exemplars();
  readonly #labels: string[] = [];
  #room = 0;

  constructor(options: HttpFamilyOptions) {
    const { maxSeries: max, withServer, withRoutes } = options;
    this.#options = options;
    this.kinds = new RequestKinds({ max, withServer, withRoutes });
    this.#series = new SeriesTable(max + OVERFLOW_SERIES, this);
  }

  get name(): string {
    return this.#options.name;
  }

  get size(): number {
    return this.#series.size;
  }

  requested(exchange: Exchange, head: Head): void {
    this.kinds.begin(exchange, head);
  }

  ended(exchange: Exchange): void {
    if (exchange.kind < 0) return;
    const { context, traced, startedAtUs, endedAtUs } = exchange;
    const us = Math.max(0, endedAtUs - startedAtUs);
    const kind = this.kinds.end(exchange);
    const cell = this.#durations.observe(this.#slot(exchange, kind), us);
    if (!traced || !context.sampled) return;
    this.#exemplars.set(cell, this.#durations.cell(this.#room, 0), context, us, endedAtUs);
  }

  /** Forgets what was last counted before `beforeUs`. */
  expire(beforeUs: number): void {
    this.#series.expire(beforeUs);
    this.kinds.refresh();
  }

  write(out: Exposition): void {
    out.family("histogram", this.#options.name, this.#options.help);
    for (const [, slot] of this.#series.entries()) {
      out.histogram(this.#labels[slot]!, this.#durations, slot, this.#exemplars);
    }
  }

  // --- SeriesHost ---

  grow(slots: number): void {
    this.#room = slots;
    this.#durations.grow(slots);
  }

  expired(key: number, slot: number): void {
    this.#durations.reset(slot);
    this.#exemplars.reset(this.#durations.cell(slot, 0), this.#durations.cell(slot + 1, 0));
    this.kinds.get(Math.floor(key / (STATUSES * FAULTS.length))).series--;
  }

  // --- which series ---

  #slot(exchange: Exchange, kind: Kind): number {
    const fault = isBroken(exchange) ? FAULTS.indexOf(exchange.outcome) : 0;
    const key = seriesKey(kind.id, exchange.status, fault);
    const slot = this.#series.find(key, exchange.endedAtUs);
    return slot >= 0 ? slot : this.#add(exchange, kind, key, FAULTS[fault]!);
  }

  #add(exchange: Exchange, kind: Kind, key: number, fault: string): number {
    const hasRoom = kind.id !== OVERFLOW_ID && this.#series.size < this.#options.maxSeries;
    if (!hasRoom) return this.#overflow(exchange);
    const { status } = exchange;
    const error = fault || (isOtelError(exchange) ? `${status}` : "");
    return this.#take(kind, key, status === 0 ? "" : `${status}`, error, exchange.endedAtUs);
  }

  /** What cannot be told apart any more: but whether it failed can. */
  #overflow(exchange: Exchange): number {
    this.dropped++;
    const isError = isBroken(exchange) || isOtelError(exchange);
    const key = seriesKey(OVERFLOW_ID, 0, isError ? 1 : 0);
    const slot = this.#series.find(key, exchange.endedAtUs);
    if (slot >= 0) return slot;
    return this.#take(this.kinds.get(OVERFLOW_ID), key, OTHER, isError ? OTHER : "", exchange.endedAtUs);
  }

  #take(kind: Kind, key: number, status: string, error: string, nowUs: number): number {
    const slot = this.#series.take(key, nowUs);
    this.#labels[slot] =
      `${kind.labels},${labelText({ http_response_status_code: status, error_type: error })}`;
    kind.series++;
    return slot;
  }
}

function seriesKey(kind: number, status: number, fault: number): number {
  return (kind * STATUSES + status) * FAULTS.length + fault;
}
