/** One line for each exchange, when it is over. Lines gather in a page, which leaves as a whole. */
import { type Head, latin1 } from "../../http1/head.ts";
import type { Exchange, ExchangeObserver } from "../exchange.ts";
import { type AccessFormat, LINE_MAX_BYTES } from "./format.ts";
import { Sheet } from "./sheet.ts";

const PAGE_BYTES = 64 * 1024;
/** How long a line waits for others. */
const DELAY_MS = 100;

/** Takes a page of `lines` lines, to keep. Never waits. */
export type PageSink = (page: Uint8Array, lines: number) => void;

export class AccessLog implements ExchangeObserver {
  /** Of requests from now on. */
  format: AccessFormat;
  readonly #sink: PageSink;
  readonly #page = new Sheet(PAGE_BYTES);
  readonly #scratch = new Sheet(LINE_MAX_BYTES);
  readonly #flushLater = () => this.flush();
  #end = 0;
  #lines = 0;
  #timer: Timer | null = null;

  constructor(format: AccessFormat, sink: PageSink) {
    this.format = format;
    this.#sink = sink;
  }

  requested(exchange: Exchange, head: Head, requestBytes: number): void {
    const length = this.format.request(this.#scratch, 0, exchange, head, requestBytes);
    exchange.accessText = latin1(this.#scratch.bytes, 0, length);
    exchange.accessFormat = this.format;
  }

  ended(exchange: Exchange): void {
    const { accessFormat } = exchange;
    if (accessFormat === null) return;
    this.#end = accessFormat.line(this.#page, this.#end, exchange);
    this.#lines++;
    if (this.#end > PAGE_BYTES - LINE_MAX_BYTES) this.flush();
    else this.#timer ??= setTimeout(this.#flushLater, DELAY_MS);
  }

  /** Lets go of the lines that have gathered. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#lines === 0) return;
    this.#sink(new Uint8Array(this.#page.bytes.subarray(0, this.#end)), this.#lines);
    this.#end = 0;
    this.#lines = 0;
  }
}
