/**
 * Reads a head byte by byte, strictly (RFC 9112 sections 2 to 5, less every leniency on which parsers disagree).
 *
 * It may stop at any byte and go on with the next: a head that arrives in single bytes costs the same (at most the last
 * line of a piece is read twice, see `wholeLine`), and the first byte that no strict head could hold is found when it
 * arrives, not at the end.
 *
 *   request   METHOD sp TARGET sp VERSION cr -> LINE_LF
 *   response  STATUS_VERSION digit sp CODE (sp REASON)? cr -> LINE_LF
 *   fields    LINE_LF lf -> FIELD_START -> NAME ':' OWS VALUE cr -> LINE_LF
 *             FIELD_START sp|htab -> FOLD -> VALUE          (continues the previous field)
 *             FIELD_START cr -> END_LF lf -> complete
 */
import {
  CLASS,
  COLON,
  CR,
  HTAB,
  isWhiteSpace,
  LF,
  LOWER,
  SP,
  TEXT,
  TOKEN,
  trimEnd,
  VISIBLE,
} from "./chars.ts";
import { FieldName, type Head, hashByte, MAX_FIELDS } from "./head.ts";

/** What a scan came to. */
export const enum Scan {
  /** All bytes fit so far, the head is not complete. */
  More,
  /** The head is complete; `scanner.at` is behind it. */
  Complete,
  /** The byte at `scanner.at` does not fit. */
  Bad,
}

const enum State {
  Method,
  Target,
  Version,
  VersionCr,
  StatusVersion,
  StatusSp,
  Code,
  CodeEnd,
  Reason,
  LineLf,
  FieldStart,
  Name,
  Ows,
  Value,
  Fold,
  EndLf,
}

const MAX_METHOD_BYTES = 32;
const VERSION_PREFIX = new Uint8Array(Buffer.from("HTTP/1."));

/** Folding these would let two parsers frame or route the message differently. */
const NEVER_FOLDED = [
  new FieldName("content-length"),
  new FieldName("transfer-encoding"),
  new FieldName("host"),
];

export class HeadScanner {
  #state: number = State.Method;
  #hash = 0;
  #matched = 0;
  /** Where the last scan stopped. */
  at = 0;

  /** Fills `head`, which may be replaced between two heads. */
  constructor(public head: Head) {}

  beginRequest(): void {
    this.#state = State.Method;
  }

  beginResponse(): void {
    this.#state = State.StatusVersion;
    this.#matched = 0;
  }

  /** True while the start line is not complete. */
  get inStartLine(): boolean {
    return this.#state < State.LineLf || (this.#state === State.LineLf && this.head.fieldCount === 0);
  }

  /** Of a response whose status is certain, whatever follows it; else 0. */
  get status(): number {
    return this.#state > State.CodeEnd ? this.head.status : 0;
  }

  /** Goes on at `buf[from]`, where the last scan ended; `buf` is the head's buffer. */
  scan(buf: Uint8Array, from: number, to: number): Scan {
    const head = this.head;
    let state = this.#state;
    let pos = from;
    while (pos < to) {
      const c = buf[pos]!;
      switch (state) {
        case State.Value: {
          while (pos < to && CLASS[buf[pos]!]! & TEXT) pos++;
          if (pos === to) break;
          if (buf[pos] !== CR) return this.#bad(state, pos);
          head.closeField(trimEnd(buf, head.valueStart(head.fieldCount - 1), pos), pos + 2);
          state = State.LineLf;
          pos++;
          break;
        }
        case State.Name: {
          let hash = this.#hash;
          while (pos < to && CLASS[buf[pos]!]! & TOKEN) hash = hashByte(hash, LOWER[buf[pos++]!]!);
          this.#hash = hash;
          if (pos === to) break;
          if (buf[pos] !== COLON) return this.#bad(state, pos);
          head.nameField(pos, hash);
          head.startValue(++pos);
          state = State.Ows;
          break;
        }
        case State.Ows: {
          if (c === SP || c === HTAB) {
            head.startValue(++pos);
            break;
          }
          state = State.Value;
          break;
        }
        case State.LineLf: {
          if (c !== LF) return this.#bad(state, pos);
          state = State.FieldStart;
          pos++;
          break;
        }
        case State.FieldStart: {
          if (head.fieldCount === MAX_FIELDS && c !== CR) return this.#bad(state, pos);
          const next = wholeLine(head, buf, pos, to);
          if (next > 0) {
            pos = next;
            break;
          }
          if (CLASS[c]! & TOKEN) {
            head.openField(pos);
            this.#hash = hashByte(0, LOWER[c]!);
            state = State.Name;
          } else if (c === CR) {
            state = State.EndLf;
          } else if (
            (c === SP || c === HTAB) &&
            head.fieldCount > 0 &&
            !NEVER_FOLDED.some((n) => head.lastIs(n))
          ) {
            state = State.Fold;
          } else {
            return this.#bad(state, pos);
          }
          pos++;
          break;
        }
        case State.Fold: {
          // A continuation of white space only looks like an empty line to some parsers.
          if (c === CR) return this.#bad(state, pos);
          if (c === SP || c === HTAB) {
            pos++;
            break;
          }
          head.resumeValue(pos);
          state = State.Value;
          break;
        }
        case State.EndLf: {
          if (c !== LF) return this.#bad(state, pos);
          this.#state = state;
          this.at = head.end = pos + 1;
          return Scan.Complete;
        }
        case State.Method: {
          while (pos < to && CLASS[buf[pos]!]! & TOKEN) pos++;
          if (pos - head.start > MAX_METHOD_BYTES) return this.#bad(state, head.start + MAX_METHOD_BYTES);
          if (pos === to) break;
          if (buf[pos] !== SP || pos === head.start) return this.#bad(state, pos);
          head.methodEnd = pos++;
          head.targetStart = pos;
          state = State.Target;
          break;
        }
        case State.Target: {
          while (pos < to && CLASS[buf[pos]!]! & VISIBLE) pos++;
          if (pos === to) break;
          if (buf[pos] !== SP || pos === head.targetStart) return this.#bad(state, pos);
          head.targetEnd = pos++;
          this.#matched = 0;
          state = State.Version;
          break;
        }
        case State.Version:
        case State.StatusVersion: {
          if (this.#matched < VERSION_PREFIX.length) {
            if (c !== VERSION_PREFIX[this.#matched]) return this.#bad(state, pos);
            this.#matched++;
          } else {
            if (c !== 48 && c !== 49) return this.#bad(state, pos);
            head.minor = c - 48;
            state = state === State.Version ? State.VersionCr : State.StatusSp;
          }
          pos++;
          break;
        }
        case State.VersionCr: {
          if (c !== CR) return this.#bad(state, pos);
          state = State.LineLf;
          pos++;
          break;
        }
        case State.StatusSp: {
          if (c !== SP) return this.#bad(state, pos);
          this.#matched = 0;
          state = State.Code;
          pos++;
          break;
        }
        case State.Code: {
          if (c < 48 || c > 57 || (this.#matched === 0 && c === 48)) return this.#bad(state, pos);
          head.status = head.status * 10 + c - 48;
          if (++this.#matched === 3) state = State.CodeEnd;
          pos++;
          break;
        }
        case State.CodeEnd: {
          if (c !== SP && c !== CR) return this.#bad(state, pos);
          state = c === SP ? State.Reason : State.LineLf;
          pos++;
          break;
        }
        case State.Reason: {
          while (pos < to && CLASS[buf[pos]!]! & TEXT) pos++;
          if (pos === to) break;
          if (buf[pos] !== CR) return this.#bad(state, pos);
          state = State.LineLf;
          pos++;
          break;
        }
      }
    }
    this.#state = state;
    this.at = pos;
    return Scan.More;
  }

  #bad(state: State, pos: number): Scan {
    this.#state = state;
    this.at = pos;
    return Scan.Bad;
  }
}

/**
 * A field line that lies in `buf[from, to)` as nearly all do: one space or none after the colon, none at the end. Adds it
 * to `head` and returns what is behind it; 0 for any other, which the states then take byte by byte.
 */
function wholeLine(head: Head, buf: Uint8Array, from: number, to: number): number {
  let pos = from;
  let hash = 0;
  while (pos < to && CLASS[buf[pos]!]! & TOKEN) hash = hashByte(hash, LOWER[buf[pos++]!]!);
  const nameEnd = pos;
  if (nameEnd === from || buf[pos] !== COLON) return 0;
  if (buf[++pos] === SP) pos++;
  const valueStart = pos;
  while (pos < to && CLASS[buf[pos]!]! & TEXT) pos++;
  if (pos + 1 >= to || buf[pos] !== CR || buf[pos + 1] !== LF) return 0;
  if (isWhiteSpace(buf[valueStart]!) || isWhiteSpace(buf[pos - 1]!)) return 0;
  head.addField(from, nameEnd, hash, valueStart, pos);
  return pos + 2;
}
