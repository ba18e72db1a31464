/**
 * A span in TBinaryProtocol (jaeger.thrift `Span`), straight from the record into the batch. A field is its type, its
 * id in two bytes and its value; every integer is big-endian, which is what a DataView writes unless told otherwise.
 */
import type { SpanContext } from "../context.ts";
import { copyWords } from "../copy.ts";
import { NO_ROOM, type Packet } from "../packet.ts";
import type { Span } from "../span.ts";
import { TagKind } from "../tag.ts";
import { readyTags, STOP } from "./binary-tags.ts";

const I32 = 0x08;
const I64 = 0x0a;
const STRING = 0x0b;
const STRUCT = 0x0c;
const LIST = 0x0f;
const CHILD_OF = 0;

/** A span without its operation name and tags: at most 146 bytes, and what copying words overwrites. */
const FRAME_MAX_BYTES = 176;
/** A tag without what is ready-made and its text: a length or a number, the end, and what follows the last tag. */
const TAG_FRAME_MAX_BYTES = 24;

/** Writes the span at `at` and returns the position after it, or NO_ROOM; what is behind `at` is then of no value. */
export function writeSpan(packet: Packet, at: number, span: Span): number {
  const { bytes, view } = packet;
  const { context, operationEnd } = span;
  if (at + operationEnd + FRAME_MAX_BYTES > bytes.length) return NO_ROOM;
  let to = writeIds(view, at, 1, context);
  to = writeI64(view, to, 4, context.parentHi, context.parentLo);
  to = writeHeader(view, to, STRING, 5);
  view.setInt32(to, operationEnd);
  to = copyWords(view, to + 4, span.view, 0, operationEnd);
  to = writeReferences(view, to, span);
  to = writeI32(view, to, 7, context.flags);
  to = writeWhole(view, to, 8, span.startAtUs);
  to = writeWhole(view, to, 9, span.durationUs);
  to = writeTags(packet, to, span);
  return to === NO_ROOM ? NO_ROOM : writeNoLogs(view, to);
}

/** Trace id, low half first, and span id: fields 1 to 3 of Span, 2 to 4 of SpanRef. */
function writeIds(view: DataView, at: number, id: number, context: SpanContext): number {
  let to = writeI64(view, at, id, context.traceLowHi, context.traceLowLo);
  to = writeI64(view, to, id + 1, context.traceHighHi, context.traceHighLo);
  return writeI64(view, to, id + 2, context.spanHi, context.spanLo);
}

function writeReferences(view: DataView, at: number, span: Span): number {
  let to = writeStructs(view, at, 6, span.hasParent ? 1 : 0);
  if (!span.hasParent) return to;
  to = writeI32(view, to, 1, CHILD_OF);
  to = writeIds(view, to, 2, span.parent);
  view.setUint8(to, STOP);
  return to + 1;
}

function writeTags(packet: Packet, at: number, span: Span): number {
  const { bytes, view } = packet;
  const { tape, tagCount } = span;
  let to = writeStructs(view, at, 10, tagCount);
  for (let word = 0; word < 3 * tagCount; word += 3) {
    const ready = readyTags.of(tape[word]!);
    const kind = tape[word]! & 7;
    const textBytes = kind === TagKind.Text ? tape[word + 2]! - tape[word + 1]! : 0;
    if (to + ready.length + textBytes + TAG_FRAME_MAX_BYTES > bytes.length) return NO_ROOM;
    to = copyWords(view, to, ready.view, 0, ready.length);
    if (kind === TagKind.Constant) continue;
    if (kind === TagKind.Text) {
      view.setInt32(to, textBytes);
      to = copyWords(view, to + 4, span.view, tape[word + 1]!, textBytes);
    } else {
      to = writeNumber(view, to, kind, tape[word + 1]!, tape[word + 2]!);
    }
    bytes[to++] = STOP;
  }
  return to;
}

/** A long and a double are both their two halves. */
function writeNumber(view: DataView, at: number, kind: number, first: number, second: number): number {
  if (kind === TagKind.Bool) {
    view.setUint8(at, first);
    return at + 1;
  }
  view.setInt32(at, first);
  view.setInt32(at + 4, second);
  return at + 8;
}

/** We never have logs; Go always sends the list. */
function writeNoLogs(view: DataView, at: number): number {
  const to = writeStructs(view, at, 11, 0);
  view.setUint8(to, STOP);
  return to + 1;
}

/** The header of a field that is a list of `count` structs. */
export function writeStructs(view: DataView, at: number, id: number, count: number): number {
  const to = writeHeader(view, at, LIST, id);
  view.setUint8(to, STRUCT);
  view.setInt32(to + 1, count);
  return to + 5;
}

function writeHeader(view: DataView, at: number, type: number, id: number): number {
  view.setUint8(at, type);
  view.setInt16(at + 1, id);
  return at + 3;
}

function writeI32(view: DataView, at: number, id: number, value: number): number {
  const to = writeHeader(view, at, I32, id);
  view.setInt32(to, value);
  return to + 4;
}

function writeI64(view: DataView, at: number, id: number, hi: number, lo: number): number {
  const to = writeHeader(view, at, I64, id);
  view.setInt32(to, hi);
  view.setInt32(to + 4, lo);
  return to + 8;
}

/** A whole number up to ±2^53, such as a time in microseconds. */
function writeWhole(view: DataView, at: number, id: number, value: number): number {
  return writeI64(view, at, id, Math.floor(value / 0x1_0000_0000), value | 0);
}
