import type { Head } from "../http1/head.ts";
import type { Span } from "../trace/span.ts";
import type { Exchange } from "./exchange.ts";

/** One set of names. */
export interface SpanTags {
  /** Tags of a request whose policies have run; `requestBytes` is -1 if unknown. */
  request(span: Span, exchange: Exchange, head: Head, requestBytes: number): void;
  /** Tags of how it ended. */
  response(span: Span, exchange: Exchange): void;
  /** Whether it failed, in terms of these names. */
  isError(exchange: Exchange): boolean;
}
