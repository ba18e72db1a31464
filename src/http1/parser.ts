/**
 * The HTTP/1 state machine of one direction: bytes in, calls out.
 *
 *   Start -> Head -> Length | Chunked | UntilClose -> Start
 *   Start -> Waiting      set from outside while a CONNECT or Upgrade is undecided: bytes pass unread
 *   any   -> Opaque       for good: the parser is not certain any more, or the protocol changed
 *
 * Conservation: what is handed to `wire`, `head` and `opaque`, in that order, is what was pushed, byte for byte,
 * for every split of the input. Only an incomplete head is kept back; `holding` tells.
 */
import { CR, LF } from "./chars.ts";
import { ChunkedResult, ChunkedScanner } from "./chunked.ts";
import { Framing } from "./framing.ts";
import { type Head, latin1, MAX_FIELDS, NO_BYTES } from "./head.ts";
import { takeHead } from "./head-pool.ts";
import { giveBackHeldMemory, takeHeldMemory } from "./held-memory.ts";
import { HeadScanner, Scan } from "./scan.ts";

/** Why a direction is not parsed any more. */
export type OpaqueReason =
  | "not-http"
  | "tls"
  | "h2"
  | "bad-head"
  | "head-too-large"
  | "head-timeout"
  | "too-much-held"
  | "te-cl"
  | "bad-length"
  | "bad-coding"
  | "bad-chunk"
  | "bad-trailer"
  | "unsolicited"
  | "too-many-pending"
  | "upgrade"
  | "connect"
  | "early-tunnel-bytes"
  | "half-head"
  | "peer-opaque";

/** Who listens to a parser. None of these calls may push into the same parser. */
export interface MessageSink {
  /** The first byte of a message is there. A reason refuses it: the connection is not understood any more. */
  begin(): OpaqueReason | null;
  /** A strict, complete head. Its bytes are the sink's to forward, unless it returns an ambiguous framing. */
  head(head: Head): Framing;
  /** Bytes of bodies, trailers and blank lines as they came, framing included. */
  wire(buf: Uint8Array, from: number, to: number): void;
  /** The message is complete. */
  end(): void;
  /** These bytes (maybe none), and all that `wire` gets from now on, are not understood: the parser is done. */
  opaque(reason: OpaqueReason, buf: Uint8Array, from: number, to: number): void;
}

export type Role = "request" | "response";

/** Larger heads are released: beyond it one more line could break a server's own limit. */
const MAX_REQUEST_HEAD_BYTES = 60 * 1024;
/** Nothing is held back for a response, but an incomplete head is kept to be read, for as long as the server likes. */
const MAX_RESPONSE_HEAD_BYTES = 64 * 1024;
const MAX_BLANK_LINES = 4;
const FIRST_HELD_BYTES = 1024;
const TLS_HANDSHAKE = 0x16;

const enum State {
  Start,
  Head,
  Length,
  Chunked,
  UntilClose,
  Waiting,
  Opaque,
}

/**
 * What the next head is read with, on whatever connection. Most heads arrive whole, so one scanner, which stays in the
 * processor's cache, does for all; a parser that has to wait for the rest of a head keeps it and leaves a new one.
 */
let spare = new HeadScanner(takeHead());

export class MessageParser {
  readonly #sink: MessageSink;
  readonly #isRequest: boolean;
  readonly #maxHeadBytes: number;
  /** Reads the current head; null between heads. */
  #scanner: HeadScanner | null = null;
  #chunked: ChunkedScanner | null = null;
  #state: number = State.Start;
  #remaining = 0;
  #blankLines = 0;
  #blankCr = false;
  #messages = 0;
  #held: Uint8Array | null = null;
  #heldBytes = 0;
  /** What it has taken of the memory that all connections share. */
  #heldMemory = 0;

  constructor(role: Role, sink: MessageSink) {
    this.#isRequest = role === "request";
    this.#maxHeadBytes = this.#isRequest ? MAX_REQUEST_HEAD_BYTES : MAX_RESPONSE_HEAD_BYTES;
    this.#sink = sink;
  }

  /** Called from `MessageSink.head`: its head is the caller's from now on, until `giveBackHead` of head-pool.ts. */
  keepHead(): void {
    if (this.#scanner === spare) spare.head = takeHead();
    this.#scanner = null;
  }

  /** True once nothing is read any more. */
  get isOpaque(): boolean {
    return this.#state === State.Opaque;
  }

  /** During `MessageSink.opaque`: the status of the response whose head is not understood, 0 if not even that is known. */
  get statusOfBadHead(): number {
    return this.#scanner?.status ?? 0;
  }

  /** True while bytes of an incomplete head are kept. */
  get holding(): boolean {
    return this.#heldBytes > 0;
  }

  /** True while not even the first start line is complete: it may still turn out not to be HTTP. */
  get isUndetected(): boolean {
    return this.#messages === 0 && this.#scanner?.inStartLine !== false;
  }

  /** The next bytes of this direction. After `opaque` all of them go to `wire`. */
  push(chunk: Uint8Array): void {
    const end = chunk.length;
    let pos = 0;
    while (pos < end) {
      switch (this.#state) {
        case State.Length: {
          const step = Math.min(this.#remaining, end - pos);
          this.#remaining -= step;
          this.#sink.wire(chunk, pos, pos + step);
          pos += step;
          if (this.#remaining === 0) this.#endMessage();
          break;
        }
        case State.Head:
          pos = this.#pushHead(chunk, pos);
          break;
        case State.Start:
          pos = this.#pushStart(chunk, pos);
          break;
        case State.Chunked:
          pos = this.#pushChunked(chunk, pos);
          break;
        case State.UntilClose:
        case State.Waiting:
          this.#sink.wire(chunk, pos, end);
          pos = end;
          break;
        default:
          this.#sink.wire(chunk, pos, end);
          return;
      }
    }
  }

  /** FIN. A close-delimited body ends well; a held head is released. */
  end(): void {
    if (this.#state === State.UntilClose) this.#endMessage();
    else if (this.#heldBytes > 0) this.detach("half-head");
  }

  /** Stop parsing for a reason found elsewhere; what is held is released through `wire` and `opaque`. */
  detach(reason: OpaqueReason): void {
    if (this.#state !== State.Opaque) this.#becomeOpaque(reason, NO_BYTES, 0);
  }

  /** The connection is over: what is held is for nobody. */
  close(): void {
    this.#dropHeld();
    this.#scanner = null;
    this.#state = State.Opaque;
  }

  /** After a message that may change the protocol: pass bytes unread until `resume` or `detach`. */
  wait(): void {
    this.#state = State.Waiting;
  }

  /** The protocol did not change: the next byte starts a message. */
  resume(): void {
    this.#state = State.Start;
  }

  #pushStart(chunk: Uint8Array, from: number): number {
    const start = this.#isRequest ? this.#skipBlankLines(chunk, from) : from;
    if (start === chunk.length || this.#state === State.Opaque) return chunk.length;
    const refusal = this.#sink.begin();
    if (refusal !== null) return this.#becomeOpaque(refusal, chunk, start);
    const scanner = spare;
    scanner.head.begin(chunk, start);
    if (this.#isRequest) scanner.beginRequest();
    else scanner.beginResponse();
    this.#scanner = scanner;
    this.#state = State.Head;
    return start;
  }

  /** Empty lines before a request line are passed on at once (RFC 9112 section 2.2). */
  #skipBlankLines(chunk: Uint8Array, from: number): number {
    let pos = from;
    while (pos < chunk.length) {
      const c = chunk[pos]!;
      if (c === CR && !this.#blankCr) {
        this.#blankCr = true;
      } else if (c === LF && this.#blankLines < MAX_BLANK_LINES) {
        this.#blankCr = false;
        this.#blankLines++;
      } else {
        break;
      }
      pos++;
    }
    if (pos > from) this.#sink.wire(chunk, from, pos);
    const stray = pos < chunk.length && (this.#blankCr || chunk[pos] === LF);
    if (stray) this.#becomeOpaque(this.#messages === 0 ? "not-http" : "bad-head", chunk, pos);
    return pos;
  }

  #pushHead(chunk: Uint8Array, from: number): number {
    if (this.#heldBytes > 0) return this.#pushHeldHead(chunk, from);
    const scanner = this.#scanner!;
    const result = scanner.scan(chunk, from, chunk.length);
    if (result === Scan.Complete && scanner.at - from <= this.#maxHeadBytes) {
      return this.#completeHead(chunk, from, scanner.at);
    }
    if (result === Scan.Bad) return this.#becomeOpaque(this.#badHeadReason(), chunk, from);
    if (chunk.length - from > this.#maxHeadBytes) return this.#becomeOpaque("head-too-large", chunk, from);
    this.#hold(chunk, from, chunk.length);
    return this.#keepHeld(chunk, chunk.length);
  }

  #pushHeldHead(chunk: Uint8Array, from: number): number {
    const before = this.#heldBytes;
    const room = this.#maxHeadBytes - before;
    const to = Math.min(chunk.length, from + room);
    this.#hold(chunk, from, to);
    const scanner = this.#scanner!;
    const result = scanner.scan(this.#held!, before, this.#heldBytes);
    if (result === Scan.Complete) {
      const next = from + scanner.at - before;
      this.#heldBytes = before;
      return this.#completeHead(chunk, from, next);
    }
    if (result === Scan.More && to === chunk.length) return this.#keepHeld(chunk, to);
    const reason = result === Scan.Bad ? this.#badHeadReason() : "head-too-large";
    this.#heldBytes = before;
    return this.#becomeOpaque(reason, chunk, from);
  }

  /** The head ends before `chunk[next]`; `chunk[from]` is its first byte that is not held. */
  #completeHead(chunk: Uint8Array, from: number, next: number): number {
    const { head } = this.#scanner!;
    const framing = this.#sink.head(head);
    switch (framing) {
      case Framing.AmbiguousBoth:
        return this.#becomeOpaque("te-cl", chunk, from);
      case Framing.AmbiguousLength:
        return this.#becomeOpaque("bad-length", chunk, from);
      case Framing.AmbiguousCoding:
        return this.#becomeOpaque("bad-coding", chunk, from);
    }
    this.#dropHeld();
    if (this.#scanner !== null) head.buf = NO_BYTES;
    this.#scanner = null;
    this.#messages++;
    this.#blankLines = 0;
    this.#beginBody(framing, head.contentLength);
    return next;
  }

  #beginBody(framing: Framing, contentLength: number): void {
    switch (framing) {
      case Framing.Length: {
        this.#remaining = contentLength;
        this.#state = State.Length;
        if (this.#remaining === 0) this.#endMessage();
        return;
      }
      case Framing.Chunked: {
        this.#chunked ??= new ChunkedScanner();
        this.#chunked.begin();
        this.#state = State.Chunked;
        return;
      }
      case Framing.UntilClose: {
        this.#state = State.UntilClose;
        return;
      }
      default:
        this.#endMessage();
    }
  }

  #pushChunked(chunk: Uint8Array, from: number): number {
    const scanner = this.#chunked!;
    const result = scanner.scan(chunk, from, chunk.length);
    const at = scanner.at;
    if (at > from) this.#sink.wire(chunk, from, at);
    if (result === ChunkedResult.Done) this.#endMessage();
    else if (result === ChunkedResult.BadChunk) return this.#becomeOpaque("bad-chunk", chunk, at);
    else if (result === ChunkedResult.BadTrailer) return this.#becomeOpaque("bad-trailer", chunk, at);
    return at;
  }

  #endMessage(): void {
    this.#state = State.Start;
    this.#sink.end();
  }

  #becomeOpaque(reason: OpaqueReason, chunk: Uint8Array, from: number): number {
    this.#state = State.Opaque;
    if (this.#heldBytes > 0) this.#sink.wire(this.#held!, 0, this.#heldBytes);
    this.#dropHeld();
    this.#sink.opaque(reason, chunk, from, chunk.length);
    this.#scanner = null;
    return chunk.length;
  }

  /** Copies: a few held bytes must not pin the large chunk they came in. */
  #hold(chunk: Uint8Array, from: number, to: number): void {
    const scanner = this.#scanner!;
    if (scanner === spare) spare = new HeadScanner(takeHead());
    const size = this.#heldBytes + to - from;
    if (this.#held === null || size > this.#held.length) {
      const wider = Buffer.allocUnsafeSlow(
        Math.max(FIRST_HELD_BYTES, Math.min(size * 2, this.#maxHeadBytes)),
      );
      if (this.#held !== null) wider.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = wider;
      scanner.head.moveTo(wider, -scanner.head.start);
    }
    this.#held.set(chunk.subarray(from, to), this.#heldBytes);
    this.#heldBytes = size;
  }

  /** What is held, all before `chunk[to]`, is kept until more comes, if there is memory for it. */
  #keepHeld(chunk: Uint8Array, to: number): number {
    const memory = this.#held!.length + this.#scanner!.head.fieldBytes;
    if (!takeHeldMemory(memory - this.#heldMemory)) return this.#becomeOpaque("too-much-held", chunk, to);
    this.#heldMemory = memory;
    return to;
  }

  #dropHeld(): void {
    if (this.#held === null) return;
    giveBackHeldMemory(this.#heldMemory);
    this.#heldMemory = 0;
    this.#held = null;
    this.#heldBytes = 0;
  }

  #badHeadReason(): OpaqueReason {
    const scanner = this.#scanner!;
    const { buf, start, fieldCount } = scanner.head;
    if (fieldCount === MAX_FIELDS) return "head-too-large";
    if (this.#messages > 0 || !this.#isRequest || !scanner.inStartLine) return "bad-head";
    if (buf[start] === TLS_HANDSHAKE) return "tls";
    return latin1(buf, start, scanner.at).startsWith("PRI * HTTP/") ? "h2" : "not-http";
  }
}
