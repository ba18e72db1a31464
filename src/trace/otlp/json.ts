/**
 * OTLP's JSON form (opentelemetry.io/docs/specs/otlp, JSON Protobuf Encoding): ids in hexadecimal, 64-bit integers as
 * decimal text, enums as numbers. It costs several times what the binary form does and is for people who want to read
 * what is sent; so it goes through JSON.stringify, which also makes U+FFFD of what is no UTF-8.
 */
import { SAMPLED, type SpanContext } from "../context.ts";
import type { Span } from "../span.ts";
import { constantById, keyById, TagKind } from "../tag.ts";
import { failedIn, isAttribute, kindIn, meaningOf, STATUS_ERROR } from "./meaning.ts";
import type { Resource } from "./resource.ts";

const double = new Float64Array(1);
const doubleHalves = new Int32Array(double.buffer);

/** What stands before the first span and behind the last one. */
export function envelope({ attributes, scope }: Resource): { before: string; behind: string } {
  const resource = {
    attributes: attributes.map(({ key, value }) => ({ key, value: { stringValue: value } })),
  };
  const whole = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [] }] }] });
  const behind = "]}]}]}";
  return { before: whole.slice(0, -behind.length), behind };
}

/** One element of `spans`. */
export function spanJson(span: Span): string {
  const { context, parent, hasParent, startAtUs, durationUs, droppedTags } = span;
  const meaning = meaningOf(span);
  return JSON.stringify({
    traceId: hex(context.traceHighHi, context.traceHighLo) + hex(context.traceLowHi, context.traceLowLo),
    spanId: spanId(context),
    parentSpanId: hasParent ? spanId(parent) : undefined,
    name: span.bytes.toString("utf8", 0, span.operationEnd),
    kind: kindIn(meaning),
    startTimeUnixNano: nanos(startAtUs),
    endTimeUnixNano: nanos(startAtUs + durationUs),
    attributes: attributesOf(span),
    droppedAttributesCount: droppedTags > 0 ? droppedTags : undefined,
    status: failedIn(meaning) ? { code: STATUS_ERROR } : undefined,
    flags: context.flags & SAMPLED,
  });
}

function attributesOf(span: Span): object[] {
  const attributes: object[] = [];
  for (let word = 0; word < 3 * span.tagCount; word += 3) {
    if (isAttribute(span.tape[word]!)) attributes.push(attribute(span, word));
  }
  return attributes;
}

function attribute(span: Span, word: number): object {
  const id = span.tape[word]! >> 3;
  const kind = span.tape[word]! & 7;
  if (kind !== TagKind.Constant) return { key: keyById(id).name, value: recorded(span, word, kind) };
  const constant = constantById(id);
  return { key: constant.key.name, value: anyValue(constant.value) };
}

function recorded(span: Span, word: number, kind: number): object {
  const first = span.tape[word + 1]!;
  const second = span.tape[word + 2]!;
  if (kind === TagKind.Text) return { stringValue: span.bytes.toString("utf8", first, second) };
  if (kind === TagKind.Bool) return { boolValue: first === 1 };
  if (kind === TagKind.Long) return { intValue: String(first * 0x1_0000_0000 + (second >>> 0)) };
  doubleHalves[1] = first;
  doubleHalves[0] = second;
  return anyValue(double[0]!);
}

/** JSON has no infinities; proto3 spells them as text. */
function anyValue(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

function nanos(timeUs: number): string {
  return `${timeUs}000`;
}

function spanId({ spanHi, spanLo }: SpanContext): string {
  return hex(spanHi, spanLo);
}

function hex(hi: number, lo: number): string {
  return word(hi) + word(lo);
}

function word(half: number): string {
  return (half >>> 0).toString(16).padStart(8, "0");
}
