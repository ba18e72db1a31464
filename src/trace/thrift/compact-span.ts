/**
 * A span in TCompactProtocol (jaeger.thrift `Span`), straight from the record into the packet. Field ids only ever go
 * up by 1 to 5 here, so every header is one byte: `delta << 4 | type`.
 */
import type { SpanContext } from "../context.ts";
import { copyWords } from "../copy.ts";
import { NO_ROOM, type Packet } from "../packet.ts";
import type { Span } from "../span.ts";
import { TagKind } from "../tag.ts";
import { BOOL_FALSE, BOOL_TRUE, readyTags, STOP } from "./compact-tags.ts";
import { writeI32, writeI64, writeVarint, writeWhole } from "./varint.ts";

const I32 = 0x15;
const I64 = 0x16;
const STRING = 0x18;
const LIST = 0x19;
const EMPTY_STRUCTS = 0x0c;
const ONE_STRUCT = 0x1c;
const CHILD_OF = 0;

/** A span without its operation name and tags: at most 9 integers of 10 bytes, and what announces them. */
const FRAME_MAX_BYTES = 128;
/** A tag without what is ready-made and its text: a length or a number, and the end. */
const TAG_FRAME_MAX_BYTES = 16;

/** Writes the span at `at` and returns the position after it, or NO_ROOM; what is behind `at` is then of no value. */
export function writeSpan(packet: Packet, at: number, span: Span): number {
  const buf = packet.bytes;
  const { context, operationEnd } = span;
  if (at + operationEnd + FRAME_MAX_BYTES > buf.length) return NO_ROOM;
  let to = writeIds(buf, at, context);
  buf[to++] = I64;
  to = writeI64(buf, to, context.parentHi, context.parentLo);
  buf[to++] = STRING;
  to = copyWords(packet.view, writeVarint(buf, to, operationEnd), span.view, 0, operationEnd);
  to = writeReferences(buf, to, span);
  buf[to++] = I32;
  to = writeI32(buf, to, context.flags);
  buf[to++] = I64;
  to = writeWhole(buf, to, span.startAtUs);
  buf[to++] = I64;
  to = writeWhole(buf, to, span.durationUs);
  to = writeTags(packet, to, span);
  return to === NO_ROOM ? NO_ROOM : writeNoLogs(buf, to);
}

/** Trace id, low half first, and span id: alike in Span and, after its type, in SpanRef. */
function writeIds(buf: Uint8Array, at: number, context: SpanContext): number {
  buf[at] = I64;
  let to = writeI64(buf, at + 1, context.traceLowHi, context.traceLowLo);
  buf[to++] = I64;
  to = writeI64(buf, to, context.traceHighHi, context.traceHighLo);
  buf[to++] = I64;
  return writeI64(buf, to, context.spanHi, context.spanLo);
}

function writeReferences(buf: Uint8Array, at: number, span: Span): number {
  buf[at] = LIST;
  buf[at + 1] = span.hasParent ? ONE_STRUCT : EMPTY_STRUCTS;
  if (!span.hasParent) return at + 2;
  buf[at + 2] = I32;
  buf[at + 3] = CHILD_OF;
  const to = writeIds(buf, at + 4, span.parent);
  buf[to] = STOP;
  return to + 1;
}

function writeTags(packet: Packet, at: number, span: Span): number {
  const buf = packet.bytes;
  const { tape, tagCount } = span;
  buf[at] = LIST;
  let to = writeListHeader(buf, at + 1, tagCount);
  for (let word = 0; word < 3 * tagCount; word += 3) {
    const ready = readyTags.of(tape[word]!);
    const kind = tape[word]! & 7;
    const textBytes = kind === TagKind.Text ? tape[word + 2]! - tape[word + 1]! : 0;
    if (to + ready.length + textBytes + TAG_FRAME_MAX_BYTES > buf.length) return NO_ROOM;
    to = copyWords(packet.view, to, ready.view, 0, ready.length);
    if (kind === TagKind.Constant) continue;
    if (kind === TagKind.Text) {
      to = copyWords(packet.view, writeVarint(buf, to, textBytes), span.view, tape[word + 1]!, textBytes);
    } else {
      to = writeNumber(buf, to, kind, tape[word + 1]!, tape[word + 2]!);
    }
    buf[to++] = STOP;
  }
  return to;
}

/** The header of a list of structs. */
export function writeListHeader(buf: Uint8Array, at: number, count: number): number {
  if (count < 15) {
    buf[at] = (count << 4) | 0x0c;
    return at + 1;
  }
  buf[at] = 0xfc;
  return writeVarint(buf, at + 1, count);
}

function writeNumber(buf: Uint8Array, at: number, kind: number, first: number, second: number): number {
  if (kind === TagKind.Long) return writeI64(buf, at, first, second);
  if (kind === TagKind.Double) return writeWordLE(buf, writeWordLE(buf, at, second), first);
  buf[at] = first === 1 ? BOOL_TRUE : BOOL_FALSE;
  return at + 1;
}

function writeWordLE(buf: Uint8Array, at: number, word: number): number {
  buf[at] = word;
  buf[at + 1] = word >> 8;
  buf[at + 2] = word >> 16;
  buf[at + 3] = word >> 24;
  return at + 4;
}

/** We never have logs; Go always sends the list. */
function writeNoLogs(buf: Uint8Array, at: number): number {
  buf[at] = LIST;
  buf[at + 1] = EMPTY_STRUCTS;
  buf[at + 2] = STOP;
  return at + 3;
}
