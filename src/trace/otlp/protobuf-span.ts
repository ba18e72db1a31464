/**
 * A span in Protocol Buffers (trace.proto `Span`) as field 2 of ScopeSpans, straight from the record into the batch.
 *
 * Its length stands before it and is only known behind it. Two bytes are left for the length, which is right for 128 to
 * 16383 bytes, that is, for nearly every span; the others are moved by a byte.
 */
import { SAMPLED, type SpanContext } from "../context.ts";
import { copyWords } from "../copy.ts";
import { NO_ROOM, type Packet } from "../packet.ts";
import type { Span } from "../span.ts";
import { writeVarint } from "../thrift/varint.ts";
import { failedIn, kindIn, meaningOf, STATUS_ERROR } from "./meaning.ts";
import { varintBytes, writeId, writeNanos } from "./protobuf.ts";
import { writeAttributes } from "./protobuf-attributes.ts";
import { findText, found } from "./text.ts";

const SPAN = 0x12;
const TRACE_ID = 0x0a;
const SPAN_ID = 0x12;
const PARENT_SPAN_ID = 0x22;
const NAME = 0x2a;
const KIND = 0x30;
const START_TIME = 0x39;
const END_TIME = 0x41;
const DROPPED_ATTRIBUTES = 0x50;
const STATUS = 0x7a;
const STATUS_CODE = 0x18;
/** Field 16, fixed32: two bytes as a varint. */
const FLAGS_FIRST = 0x85;
const FLAGS_SECOND = 0x01;

const LENGTH_BYTES = 2;
/** A span without its name and attributes: 80 bytes, and what copying words overwrites. */
const FRAME_MAX_BYTES = 96;
const TAIL_MAX_BYTES = 24;

/** Writes the span at `at` and returns the position after it, or NO_ROOM; what is behind `at` is then of no value. */
export function writeSpan(packet: Packet, at: number, span: Span): number {
  const { bytes, view } = packet;
  findText(span, 0, span.operationEnd);
  if (at + found.length + FRAME_MAX_BYTES > bytes.length) return NO_ROOM;
  const meaning = meaningOf(span);
  const start = at + 1 + LENGTH_BYTES;
  let to = writeIds(packet, start, span);
  bytes[to] = NAME;
  to = writeVarint(bytes, to + 1, found.length);
  to = copyWords(view, to, found.view, found.start, found.length);
  bytes[to] = KIND;
  bytes[to + 1] = kindIn(meaning);
  bytes[to + 2] = START_TIME;
  to = writeNanos(view, to + 3, span.startAtUs);
  bytes[to] = END_TIME;
  to = writeNanos(view, to + 1, span.startAtUs + span.durationUs);
  to = writeAttributes(packet, to, span);
  if (to === NO_ROOM || to + TAIL_MAX_BYTES > bytes.length) return NO_ROOM;
  to = writeTail(packet, to, span, failedIn(meaning));
  return writeLength(bytes, at, to);
}

/** A 64-bit trace id is one of 128 bits with zeroes in front. */
function writeIds({ bytes, view }: Packet, at: number, span: Span): number {
  const { context, hasParent, parent } = span;
  bytes[at] = TRACE_ID;
  bytes[at + 1] = 16;
  let to = writeId(view, at + 2, context.traceHighHi, context.traceHighLo);
  to = writeId(view, to, context.traceLowHi, context.traceLowLo);
  to = writeSpanId(bytes, view, to, SPAN_ID, context);
  return hasParent ? writeSpanId(bytes, view, to, PARENT_SPAN_ID, parent) : to;
}

function writeSpanId(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  header: number,
  { spanHi, spanLo }: SpanContext,
): number {
  bytes[at] = header;
  bytes[at + 1] = 8;
  return writeId(view, at + 2, spanHi, spanLo);
}

/** What comes behind the attributes. Of our flags only `sampled` is one of W3C's. */
function writeTail({ bytes, view }: Packet, at: number, span: Span, failed: boolean): number {
  let to = at;
  if (span.droppedTags > 0) {
    bytes[to] = DROPPED_ATTRIBUTES;
    to = writeVarint(bytes, to + 1, span.droppedTags);
  }
  if (failed) {
    bytes[to] = STATUS;
    bytes[to + 1] = 2;
    bytes[to + 2] = STATUS_CODE;
    bytes[to + 3] = STATUS_ERROR;
    to += 4;
  }
  bytes[to] = FLAGS_FIRST;
  bytes[to + 1] = FLAGS_SECOND;
  view.setInt32(to + 2, span.context.flags & SAMPLED, true);
  return to + 6;
}

/** Puts header and length before the span that ends at `end`, and returns where it ends then. */
function writeLength(bytes: Uint8Array, at: number, end: number): number {
  const start = at + 1 + LENGTH_BYTES;
  const length = end - start;
  const moved = varintBytes(length) - LENGTH_BYTES;
  if (moved !== 0) bytes.copyWithin(start + moved, start, end);
  bytes[at] = SPAN;
  writeVarint(bytes, at + 1, length);
  return end + moved;
}
