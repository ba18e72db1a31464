import fc from "fast-check";
import { DEBUG, RANDOM, SAMPLED, SpanContext } from "../../../src/trace/context.ts";

const word = fc.oneof(fc.constantFrom(0, -1, 1), fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }));

/** Any context that could exist: debug is sampled, traits are those that a trace may have. */
export const contexts = fc
  .tuple(
    fc.array(word, { minLength: 8, maxLength: 8 }),
    fc.constantFrom(0, SAMPLED, SAMPLED | DEBUG),
    fc.constantFrom(0, RANDOM),
  )
  .map(([words, flags, traits]) => {
    const context = new SpanContext();
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = words;
    [context.traceHighHi, context.traceHighLo, context.traceLowHi, context.traceLowLo] = [a, b, c, d];
    [context.spanHi, context.spanLo, context.parentHi, context.parentLo] = [e, f, g, h];
    context.flags = flags;
    context.traits = traits;
    return context;
  });

/** A context that was something else before: a reader must leave nothing of it. */
export function usedContext(): SpanContext {
  const context = new SpanContext();
  return Object.assign(context, Object.fromEntries(Object.keys(context).map((field) => [field, -1])));
}
