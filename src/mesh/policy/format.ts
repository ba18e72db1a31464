/** Where span contexts stand in a request head, format by format. */
import type { HeadEdit } from "../../http1/edit.ts";
import type { Head } from "../../http1/head.ts";
import type { SpanContext } from "../../trace/context.ts";
import type { Found, Propagator } from "../../trace/propagation.ts";
import type { ParentSource } from "./parent.ts";

/** One format; it keeps nothing between calls. */
export interface ContextFormat {
  readonly name: Propagator;
  /** What a parent found in this format is called. */
  readonly source: ParentSource;
  /** Reads what the head says into `into`, which counts as far as the answer tells. */
  read(head: Head, into: SpanContext): Found;
  /** Leaves exactly one context, this one. `continued`: what the head says in this format is of the same trace. */
  write(head: Head, edit: HeadEdit, context: SpanContext, continued: boolean): void;
  /** Leaves none. */
  remove(head: Head, edit: HeadEdit): void;
}
