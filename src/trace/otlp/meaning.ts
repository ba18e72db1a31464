/**
 * What OTLP says in fields of a span and not in attributes: its kind and that it failed. Both come as constant tags, so
 * each is understood once; every other tag becomes an attribute.
 */
import type { Span } from "../span.ts";
import { type ConstantTag, constantById, TagKind } from "../tag.ts";

/** trace.proto `Span.SpanKind`, by the value of the tag `span.kind`. */
const SPAN_KINDS: Readonly<Record<string, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};
const INTERNAL = 1;

/** trace.proto `Status.StatusCode`. */
export const STATUS_ERROR = 2;

/** Set in a meaning besides, or instead of, a span kind. */
const FAILED = 8;
/** Of the tags that are attributes. */
const NONE = 0;

/** Indexed by the id of a constant tag. */
const known: number[] = [];

/** The sum of what the span's tags mean: see `kindIn` and `failedIn`. */
export function meaningOf({ tape, tagCount }: Span): number {
  let sum = NONE;
  for (let word = 0; word < 3 * tagCount; word += 3) sum |= tagMeaning(tape[word]!);
  return sum;
}

/** The number of the kind of span. */
export function kindIn(meaning: number): number {
  return meaning & ~FAILED || INTERNAL;
}

export function failedIn(meaning: number): boolean {
  return (meaning & FAILED) !== 0;
}

/** True for a tag, given by its first word on the tape, that no field of the span stands for. */
export function isAttribute(idAndKind: number): boolean {
  return tagMeaning(idAndKind) === NONE;
}

function tagMeaning(idAndKind: number): number {
  if ((idAndKind & 7) !== TagKind.Constant) return NONE;
  const meaning = known[idAndKind >> 3];
  return meaning === undefined ? learn(idAndKind >> 3) : meaning;
}

function learn(id: number): number {
  const meaning = understand(constantById(id));
  known[id] = meaning;
  return meaning;
}

function understand({ key, value }: ConstantTag): number {
  if (key.name === "error" && value === true) return FAILED;
  return key.name === "span.kind" ? (SPAN_KINDS[String(value)] ?? NONE) : NONE;
}
