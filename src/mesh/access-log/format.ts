import type { Head } from "../../http1/head.ts";
import type { Exchange } from "../exchange.ts";
import type { Sheet } from "./sheet.ts";

/** No line is longer, nor a part of it: the longest values, six bytes for each of theirs, and what stands around them. */
export const LINE_MAX_BYTES = 12 * 1024;

/**
 * A form of the access log's lines. A line is written in two steps, because a head is gone when its exchange ends.
 * Both write to `out` at `at`, where `LINE_MAX_BYTES` are free, and return where they ended.
 */
export interface AccessFormat {
  /** The part that only the request's head tells. `requestBytes`: size of its body, -1 if unknown. */
  request(out: Sheet, at: number, exchange: Exchange, head: Head, requestBytes: number): number;
  /** The whole line of an exchange that is over; its `accessText` is the part above, one character per byte. */
  line(out: Sheet, at: number, exchange: Exchange): number;
}
