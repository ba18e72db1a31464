/** Feeds one input to a parser in every interesting way and checks the conservation law on each. */
import { expect } from "bun:test";
import { Framing, requestFraming, responseFraming } from "../../src/http1/framing.ts";
import { type Head, latin1 } from "../../src/http1/head.ts";
import { MessageParser, type MessageSink, type OpaqueReason, type Role } from "../../src/http1/parser.ts";

/** What a parser said, as lines: `head GET /`, `head 200`, `end`, `opaque tls`; bytes are only summed up. */
export class Recorder implements MessageSink {
  readonly lines: string[] = [];
  readonly out: Uint8Array[] = [];
  parser!: MessageParser;

  constructor(
    readonly role: Role,
    /** Response role: the methods of the requests that are answered. */
    readonly methods: string[] = [],
  ) {}

  begin(): OpaqueReason | null {
    return this.role === "response" && this.methods.length === 0 ? "unsolicited" : null;
  }

  head(head: Head): Framing {
    const framing = this.role === "request" ? requestFraming(head) : this.#response(head);
    if (framing >= Framing.AmbiguousBoth) return framing;
    this.lines.push(this.role === "request" ? `head ${requestLine(head)}` : `head ${head.status}`);
    this.out.push(head.buf.slice(head.start, head.end));
    return framing;
  }

  #interim = false;
  #response(head: Head): Framing {
    this.#interim = head.status < 200 && head.status !== 101;
    return responseFraming(head, this.methods[0] === "HEAD", this.methods[0] === "CONNECT");
  }

  wire(buf: Uint8Array, from: number, to: number): void {
    this.out.push(buf.slice(from, to));
  }

  end(): void {
    this.lines.push("end");
    if (this.role === "response" && !this.#interim) this.methods.shift();
  }

  opaque(reason: OpaqueReason, buf: Uint8Array, from: number, to: number): void {
    this.lines.push(`opaque ${reason}`);
    this.out.push(buf.slice(from, to));
  }

  get bytes(): string {
    return Buffer.concat(this.out).toString("latin1");
  }
}

function requestLine({ buf, start, methodEnd, targetStart, targetEnd }: Head): string {
  return `${latin1(buf, start, methodEnd)} ${latin1(buf, targetStart, targetEnd)}`;
}

/** Parses `pieces`, then FIN if `fin`. After `opaque` the rest is passed on as the session would. */
export function parse(role: Role, pieces: Uint8Array[], methods: string[], fin: boolean): Recorder {
  const recorder = new Recorder(role, [...methods]);
  const parser = new MessageParser(role, recorder);
  for (const piece of pieces) {
    if (recorder.lines.at(-1)?.startsWith("opaque")) recorder.out.push(piece);
    else parser.push(piece);
  }
  if (fin) parser.end();
  parser.close();
  return recorder;
}

/** Beyond this not every split is tried, but some two hundred of them. */
const EVERY_SPLIT_BYTES = 20_000;

/** Every way to cut `input` that the project promises to survive: whole, in two at each byte, in single bytes, at random. */
export function* splits(input: Buffer, seed: number): Generator<Uint8Array[]> {
  yield [input];
  const isLarge = input.length > EVERY_SPLIT_BYTES;
  const step = isLarge ? Math.ceil(input.length / 200) : 1;
  for (let i = 1; i < input.length; i += step) yield [input.subarray(0, i), input.subarray(i)];
  if (!isLarge) yield [...input].map((_, i) => input.subarray(i, i + 1));
  let state = seed | 1;
  for (let round = 0; round < 20; round++) {
    const pieces: Uint8Array[] = [];
    for (let pos = 0; pos < input.length; ) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const size = 1 + (state % 40);
      pieces.push(input.subarray(pos, pos + size));
      pos += size;
    }
    yield pieces;
  }
}

export interface Case {
  readonly label: string;
  readonly bytes: string;
  readonly expected: string[];
  /** Response role: methods of the requests that are answered; default one GET. */
  readonly methods?: string[];
  readonly fin?: boolean;
}

/** Checks one row under every split: the same events, and every byte out again. */
export function check(role: Role, row: Case): void {
  const input = Buffer.from(row.bytes, "latin1");
  const methods = row.methods ?? ["GET"];
  for (const pieces of splits(input, input.length)) {
    const recorder = parse(role, pieces, methods, row.fin ?? false);
    expect(recorder.lines).toEqual(row.expected);
    if (row.expected.some((line) => line.startsWith("opaque")) || row.expected.at(-1) === "end") {
      expect(recorder.bytes).toBe(row.bytes);
    } else {
      expect(row.bytes.startsWith(recorder.bytes)).toBe(true);
    }
  }
}
