/**
 * Finds the end of a chunked body (RFC 9112 section 7.1) without decoding it.
 *
 *   SIZE hex+ -> (BWS)? (';' EXT)? cr -> SIZE_LF -> DATA n -> DATA_CR -> DATA_LF -> SIZE
 *   size 0    -> LINE_START -> (TRAILER field cr lf)* cr -> END_LF -> done
 */
import { CLASS, COLON, CR, HEX, HTAB, LF, SEMICOLON, SP, TEXT, TOKEN } from "./chars.ts";

export const enum ChunkedResult {
  More,
  Done,
  BadChunk,
  BadTrailer,
}

const enum State {
  Size,
  SizeWs,
  Ext,
  SizeLf,
  Data,
  DataCr,
  DataLf,
  LineStart,
  TrailerName,
  TrailerValue,
  TrailerLf,
  EndLf,
}

/** Zeroes in front count too. */
const MAX_SIZE_DIGITS = 15;
/** Below it, 13 hexadecimal digits without zeroes in front, a size is exact in a double. */
const MAX_CHUNK_BYTES = 2 ** 52;
const MAX_SIZE_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 64 * 1024;

export class ChunkedScanner {
  #state: number = State.Size;
  #digits = 0;
  #size = 0;
  #lineBytes = 0;
  /** Where the last scan stopped: behind the body, or at the byte that does not fit. */
  at = 0;

  begin(): void {
    this.#state = State.Size;
    this.#beginSize();
  }

  /** Goes on at `buf[from]`. */
  scan(buf: Uint8Array, from: number, to: number): ChunkedResult {
    let pos = from;
    while (pos < to) {
      if (this.#state === State.Data) {
        const step = Math.min(this.#size, to - pos);
        this.#size -= step;
        pos += step;
        if (this.#size === 0) this.#state = State.DataCr;
        continue;
      }
      const result = this.#step(buf[pos]!);
      if (result !== ChunkedResult.More) {
        this.at = result === ChunkedResult.Done ? pos + 1 : pos;
        return result;
      }
      pos++;
    }
    this.at = pos;
    return ChunkedResult.More;
  }

  #beginSize(): void {
    this.#digits = 0;
    this.#size = 0;
    this.#lineBytes = 0;
  }

  #step(c: number): ChunkedResult {
    switch (this.#state) {
      case State.Size: {
        if (HEX[c]! >= 0) {
          this.#size = this.#size * 16 + HEX[c]!;
          if (++this.#digits > MAX_SIZE_DIGITS || this.#size >= MAX_CHUNK_BYTES)
            return ChunkedResult.BadChunk;
          return ChunkedResult.More;
        }
        return this.#digits === 0 ? ChunkedResult.BadChunk : this.#afterSize(c);
      }
      case State.SizeWs:
        return this.#afterSize(c);
      case State.Ext: {
        if (c === CR) this.#state = State.SizeLf;
        else if (!(CLASS[c]! & TEXT)) return ChunkedResult.BadChunk;
        return this.#countSizeLine();
      }
      case State.SizeLf: {
        if (c !== LF) return ChunkedResult.BadChunk;
        this.#state = this.#size === 0 ? State.LineStart : State.Data;
        this.#lineBytes = 0;
        return ChunkedResult.More;
      }
      case State.DataCr:
        return this.#expect(c, CR, State.DataLf);
      case State.DataLf: {
        this.#beginSize();
        return this.#expect(c, LF, State.Size);
      }
      default:
        return this.#trailerStep(c);
    }
  }

  #afterSize(c: number): ChunkedResult {
    if (c === CR) this.#state = State.SizeLf;
    else if (c === SEMICOLON) this.#state = State.Ext;
    else if (c === SP || c === HTAB) this.#state = State.SizeWs;
    else return ChunkedResult.BadChunk;
    return this.#countSizeLine();
  }

  #trailerStep(c: number): ChunkedResult {
    if (++this.#lineBytes > MAX_TRAILER_BYTES) return ChunkedResult.BadTrailer;
    switch (this.#state) {
      case State.LineStart: {
        if (c === CR) this.#state = State.EndLf;
        else if (CLASS[c]! & TOKEN) this.#state = State.TrailerName;
        else return ChunkedResult.BadTrailer;
        return ChunkedResult.More;
      }
      case State.TrailerName: {
        if (c === COLON) this.#state = State.TrailerValue;
        else if (!(CLASS[c]! & TOKEN)) return ChunkedResult.BadTrailer;
        return ChunkedResult.More;
      }
      case State.TrailerValue: {
        if (c === CR) this.#state = State.TrailerLf;
        else if (!(CLASS[c]! & TEXT)) return ChunkedResult.BadTrailer;
        return ChunkedResult.More;
      }
      case State.TrailerLf: {
        this.#state = State.LineStart;
        return c === LF ? ChunkedResult.More : ChunkedResult.BadTrailer;
      }
      default:
        return c === LF ? ChunkedResult.Done : ChunkedResult.BadTrailer;
    }
  }

  #expect(c: number, wanted: number, next: State): ChunkedResult {
    this.#state = next;
    return c === wanted ? ChunkedResult.More : ChunkedResult.BadChunk;
  }

  #countSizeLine(): ChunkedResult {
    return ++this.#lineBytes > MAX_SIZE_LINE_BYTES ? ChunkedResult.BadChunk : ChunkedResult.More;
  }
}
