import type { Head } from "../../http1/head.ts";
import { DEBUG, isSameSpan, isSameTrace, isShareable, SAMPLED, SpanContext } from "../../trace/context.ts";
import { Found } from "../../trace/propagation.ts";
import type { ContextFormat } from "./format.ts";
import type { ParentSource } from "./parent.ts";

const NONE = -1;

/**
 * The span contexts that one request head carries, a format each, and which of them counts. One object serves every
 * head, one after the other.
 */
export class Received {
  readonly #formats: readonly ContextFormat[];
  readonly #contexts: readonly SpanContext[];
  readonly #found: Uint8Array;
  #count = 0;
  #first = NONE;
  #chosen = NONE;
  #decision = NONE;

  /** `formats` in the order in which they are believed. */
  constructor(formats: readonly ContextFormat[]) {
    this.#formats = formats;
    this.#contexts = formats.map(() => new SpanContext());
    this.#found = new Uint8Array(formats.length);
  }

  /** Reads all formats of `head`. The first valid context counts, until `refine` knows better. */
  read(head: Head): void {
    this.#count = 0;
    this.#first = NONE;
    this.#decision = NONE;
    for (let i = 0; i < this.#formats.length; i++) {
      const found = this.#formats[i]!.read(head, this.#contexts[i]!);
      this.#found[i] = found;
      if (found >= Found.Deferred) {
        if (this.#count++ === 0) this.#first = i;
      } else if (found === Found.Decision) {
        if (this.#decision < 0) this.#decision = i;
      }
    }
    this.#chosen = this.#first;
  }

  /** How many formats hold a context. */
  get count(): number {
    return this.#count;
  }

  /** The context that counts; `count` is not 0. */
  get context(): SpanContext {
    return this.#contexts[this.#chosen]!;
  }

  /** How a parent is called that was found in the context that counts. */
  get source(): ParentSource {
    return this.#formats[this.#chosen]!.source;
  }

  /** The flags that the head asks for without naming a trace, or -1. */
  get decision(): number {
    return this.#decision < 0 ? -1 : this.#contexts[this.#decision]!.flags;
  }

  /** What the head says in format `i`. */
  found(i: number): Found {
    return this.#found[i]!;
  }

  /** True if the head's context in format `i` is of the trace of `context`. */
  continues(i: number, context: SpanContext): boolean {
    return this.#holds(i) && isSameTrace(this.#contexts[i]!, context);
  }

  /**
   * An application that copies headers hands us back what we told it (`injected`, null if unknown), while its tracing
   * updates one format only: that one names the span that really made the request. Where nothing tells them apart,
   * traceparent is the one that tracing libraries write.
   */
  refine(injected: SpanContext | null): void {
    const own = this.#ownSpan(injected);
    if (own >= 0) this.#chosen = own;
    // What we began in silence must not replace a trace that the application began itself.
    else if (injected !== null && !isShareable(injected)) this.#chosen = this.#otherTrace();
  }

  /**
   * Adds what the other formats know of the chosen trace: traits, debug, and the decision if the chosen one leaves it
   * open. False if it stays open.
   */
  merge(): boolean {
    const context = this.context;
    let decided = this.#found[this.#chosen] === Found.Context;
    for (let i = 0; i < this.#contexts.length; i++) {
      if (i === this.#chosen || !this.continues(i, context)) continue;
      const other = this.#contexts[i]!;
      context.traits |= other.traits;
      if (!decided) context.flags |= other.flags & SAMPLED;
      if (context.sampled) context.flags |= other.flags & DEBUG;
      decided ||= this.#found[i] === Found.Context;
    }
    return decided;
  }

  #holds(i: number): boolean {
    return this.#found[i]! >= Found.Deferred;
  }

  /** A context of the first one's trace that is not a copy of `injected`. */
  #ownSpan(injected: SpanContext | null): number {
    const first = this.#contexts[this.#first]!;
    let own = NONE;
    for (let i = this.#first; i < this.#contexts.length; i++) {
      const context = this.#contexts[i]!;
      if (!this.continues(i, first) || isCopy(context, injected)) continue;
      const isBetter =
        own >= 0 && this.#formats[i]!.name === "tracecontext" && !isSameSpan(context, this.#contexts[own]!);
      if (own < 0 || isBetter) own = i;
    }
    return own;
  }

  #otherTrace(): number {
    const first = this.#contexts[this.#first]!;
    for (let i = this.#first; i < this.#contexts.length; i++) {
      if (this.#holds(i) && !isSameTrace(this.#contexts[i]!, first)) return i;
    }
    return this.#first;
  }
}

function isCopy(context: SpanContext, of: SpanContext | null): boolean {
  return of !== null && isSameSpan(context, of) && isSameTrace(context, of);
}
