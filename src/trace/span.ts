/**
 * One span while it is being recorded: no object per tag, nothing that depends on how it will be encoded.
 *
 * Text lives in one byte slot: the operation name first, then the values of text tags in order. What the tags are
 * lives on a tape of 32-bit words, three per tag:
 *
 *   word 0   id << 3 | TagKind          id of a TagKey, or of a ConstantTag when the kind is Constant
 *   word 1,2 Text: start and end in the slot   Long: high and low half   Double: the halves of its IEEE 754 bits
 *            Bool: 0 or 1, unused             Constant: unused
 *
 * Both grow by doubling up to a hard limit; a tag that does not fit is dropped and counted. Bytes are kept raw: text
 * from a header may be invalid UTF-8, and an encoder that minds has to see to it.
 */
import { SpanContext } from "./context.ts";
import { copyBytes, copyLatin1, WORD_SLACK } from "./copy.ts";
import { type ConstantTag, type TagKey, TagKind } from "./tag.ts";
import { cutUtf8 } from "./utf8.ts";

/** The limit of jaeger-client-go for a text value (constants.go `DefaultMaxTagValueLength`). */
export const TEXT_MAX_BYTES = 256;
/** jaeger-client-go has none; a URL path of more helps nobody. */
export const OPERATION_MAX_BYTES = 1024;
export const TAGS_MAX = 128;
const SLOT_MAX_BYTES = 16 * 1024;
/** Most spans need no more. */
const SLOT_FIRST_BYTES = 384;
/** What a span that needed more keeps for the next one. */
const SLOT_KEPT_BYTES = 2048;
const TAGS_KEPT = 18;

/** Of a span that records nothing. */
const NO_CONTEXT = new SpanContext();

const double = new Float64Array(1);
const doubleHalves = new Int32Array(double.buffer);

export class Span {
  context: SpanContext = NO_CONTEXT;
  /** What the CHILD_OF reference names; only meaningful with `hasParent`. */
  parent: SpanContext = NO_CONTEXT;
  hasParent = false;
  /** Microseconds since the Unix epoch. */
  startAtUs = 0;
  durationUs = 0;
  /** The slot; `bytes[0, operationEnd)` is the operation name. */
  bytes = Buffer.alloc(SLOT_FIRST_BYTES);
  /** The slot again, for encoders that copy words: there are `WORD_SLACK` bytes behind all text. */
  view = viewOf(this.bytes);
  operationEnd = 0;
  tape = new Int32Array(3 * TAGS_KEPT);
  tagCount = 0;
  droppedTags = 0;
  #used = 0;

  /** Begins a new recording. The contexts stay the caller's until it is over; `parent` null: without reference. */
  start(context: SpanContext, parent: SpanContext | null, startAtUs: number): void {
    this.context = context;
    this.hasParent = parent !== null;
    this.parent = parent ?? NO_CONTEXT;
    this.startAtUs = startAtUs;
    this.durationUs = 0;
    this.operationEnd = 0;
    this.tagCount = 0;
    this.droppedTags = 0;
    this.#used = 0;
  }

  /** Ends the recording at `endAtUs`, by the clock that gave the start. */
  finish(endAtUs: number): void {
    this.durationUs = Math.max(0, endAtUs - this.startAtUs);
  }

  /** Appends `buf[start, end)` to the operation name. Before the first tag only; later calls change nothing. */
  operationBytes(buf: Uint8Array, start: number, end: number): void {
    if (this.tagCount !== 0) return;
    this.#writeBytes(buf, start, end, OPERATION_MAX_BYTES - this.operationEnd);
    this.operationEnd = this.#used;
  }

  /** Appends a latin1 string (one character per byte) to the operation name. Before the first tag only. */
  operationLatin1(text: string): void {
    if (this.tagCount !== 0) return;
    this.#writeLatin1(text, OPERATION_MAX_BYTES - this.operationEnd);
    this.operationEnd = this.#used;
  }

  /** A text tag from received bytes, cut to `TEXT_MAX_BYTES` at a rune boundary. */
  tagBytes(key: TagKey, buf: Uint8Array, start: number, end: number): void {
    const from = this.#used;
    if (this.#writeBytes(buf, start, end, TEXT_MAX_BYTES))
      this.#append(key.id, TagKind.Text, from, this.#used);
    else this.droppedTags++;
  }

  /** A text tag from a latin1 string (one character per byte), cut like bytes. */
  tagLatin1(key: TagKey, text: string): void {
    const from = this.#used;
    if (this.#writeLatin1(text, TEXT_MAX_BYTES)) this.#append(key.id, TagKind.Text, from, this.#used);
    else this.droppedTags++;
  }

  /** A whole number tag; exact up to ±2^53. */
  tagLong(key: TagKey, value: number): void {
    this.#append(key.id, TagKind.Long, Math.floor(value / 0x1_0000_0000) | 0, value | 0);
  }

  tagDouble(key: TagKey, value: number): void {
    double[0] = value;
    this.#append(key.id, TagKind.Double, doubleHalves[1]!, doubleHalves[0]!);
  }

  tagBool(key: TagKey, value: boolean): void {
    this.#append(key.id, TagKind.Bool, value ? 1 : 0, 0);
  }

  /** A tag whose value was known beforehand: the cheapest kind. */
  tag(constant: ConstantTag): void {
    this.#append(constant.id, TagKind.Constant, 0, 0);
  }

  /** Lets go of the contexts and of what an unusually large recording took, before the span waits in a pool. */
  rest(): void {
    this.context = NO_CONTEXT;
    this.parent = NO_CONTEXT;
    if (this.bytes.length > SLOT_KEPT_BYTES) this.#useSlot(Buffer.alloc(SLOT_FIRST_BYTES));
    if (this.tape.length > 3 * TAGS_KEPT) this.tape = new Int32Array(3 * TAGS_KEPT);
  }

  #append(id: number, kind: TagKind, first: number, second: number): void {
    const at = 3 * this.tagCount;
    if (at === this.tape.length && !this.#growTape()) {
      this.droppedTags++;
      return;
    }
    const tape = this.tape;
    tape[at] = (id << 3) | kind;
    tape[at + 1] = first;
    tape[at + 2] = second;
    this.tagCount++;
  }

  /** Appends at most `maxBytes` of the range to the slot; false, and nothing, when the slot is full. */
  #writeBytes(buf: Uint8Array, start: number, end: number, maxBytes: number): boolean {
    const to = cutUtf8(buf, start, end, maxBytes);
    if (!this.#reserve(to - start)) return false;
    this.#used = copyBytes(this.bytes, this.#used, buf, start, to);
    return true;
  }

  /** The same for a latin1 string. One byte more than the limit shows whether a rune is cut. */
  #writeLatin1(text: string, maxBytes: number): boolean {
    const taken = text.length > maxBytes ? text.slice(0, maxBytes + 1) : text;
    if (!this.#reserve(taken.length)) return false;
    const end = copyLatin1(this.bytes, this.#used, taken);
    this.#used = cutUtf8(this.bytes, this.#used, end, maxBytes);
    return true;
  }

  /** Makes room for `length` more bytes in the slot; false at the limit. */
  #reserve(length: number): boolean {
    const needed = this.#used + length + WORD_SLACK;
    if (needed <= this.bytes.length) return true;
    if (needed > SLOT_MAX_BYTES) return false;
    const grown = Buffer.alloc(Math.min(SLOT_MAX_BYTES, 2 * needed));
    this.bytes.copy(grown, 0, 0, this.#used);
    this.#useSlot(grown);
    return true;
  }

  #useSlot(slot: Buffer<ArrayBuffer>): void {
    this.bytes = slot;
    this.view = viewOf(slot);
  }

  #growTape(): boolean {
    if (this.tagCount >= TAGS_MAX) return false;
    const grown = new Int32Array(Math.min(3 * TAGS_MAX, 2 * this.tape.length));
    grown.set(this.tape);
    this.tape = grown;
    return true;
  }
}

function viewOf(slot: Buffer<ArrayBuffer>): DataView {
  return new DataView(slot.buffer, slot.byteOffset, slot.length);
}
