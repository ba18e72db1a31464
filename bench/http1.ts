/**
 * `bun bench/http1.ts`: what reading heads costs, without sockets: nanoseconds per head and megabytes a second, beside
 * llhttp on the same bytes, round by round (the runtime's own binding, which also makes strings of the fields). The
 * fastest of many short rounds, because whatever else runs can only make one slower; the median in brackets.
 */
import { type Framing, requestFraming, responseFraming } from "../src/http1/framing.ts";
import type { Head } from "../src/http1/head.ts";
import { MessageParser, type MessageSink, type Role } from "../src/http1/parser.ts";
import { REAL, requestOf, TINY } from "./load/shapes.ts";
import { fastest } from "./statistics.ts";

const ROUNDS = 300;
const HEADS_PER_ROUND = 4000;
const WARM_UP_ROUNDS = 50;
const NS_PER_MS = 1e6;

const RESPONSE = new Uint8Array(
  Buffer.from(
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 01:50:56 GMT\r\nContent-Type: text/plain\r\n" +
      "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n",
  ),
);

/** Decides the framing as the real sinks do, and forwards nothing. */
class Counter implements MessageSink {
  heads = 0;

  constructor(readonly role: Role) {}

  begin(): null {
    return null;
  }

  head(head: Head): Framing {
    return this.role === "request" ? requestFraming(head) : responseFraming(head, false, false);
  }

  wire(): void {}

  end(): void {
    this.heads++;
  }

  opaque(reason: string): void {
    throw new Error(`the parser gave up: ${reason}`);
  }
}

interface Llhttp {
  initialize(type: number, resource: object): void;
  execute(bytes: Uint8Array): number | Error;
  [callback: number]: () => unknown;
}
interface LlhttpBinding {
  readonly HTTPParser: (new () => Llhttp) & Record<"REQUEST" | "RESPONSE" | "kOnMessageComplete", number>;
}

const { HTTPParser } = (process as unknown as { binding(name: string): LlhttpBinding }).binding(
  "http_parser",
);

/** What reads heads: `push` takes the bytes of one, `heads` counts those that came out. */
interface Reader {
  readonly heads: number;
  push(head: Uint8Array): void;
}

function ours(role: Role): Reader {
  const counter = new Counter(role);
  const parser = new MessageParser(role, counter);
  return {
    get heads() {
      return counter.heads;
    },
    push: (head) => parser.push(head),
  };
}

function llhttp(role: Role): Reader {
  const parser = new HTTPParser();
  let heads = 0;
  parser.initialize(role === "request" ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {});
  parser[HTTPParser.kOnMessageComplete] = () => heads++;
  return {
    get heads() {
      return heads;
    },
    push: (head) => void parser.execute(head),
  };
}

/** Nanoseconds per head, one list of rounds a reader, the readers taking turns. */
function measure(readers: readonly Reader[], head: Uint8Array): number[][] {
  const rounds = readers.map((): number[] => []);
  for (let i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
    for (const [which, reader] of readers.entries()) rounds[which]!.push(round(reader, head));
  }
  for (const { heads } of readers) {
    const expected = (WARM_UP_ROUNDS + ROUNDS) * HEADS_PER_ROUND;
    if (heads !== expected) throw new Error(`${heads} heads came out of ${expected}`);
  }
  return rounds.map((list) => list.slice(WARM_UP_ROUNDS));
}

function round(reader: Reader, head: Uint8Array): number {
  const startedMs = performance.now();
  for (let i = 0; i < HEADS_PER_ROUND; i++) reader.push(head);
  return ((performance.now() - startedMs) * NS_PER_MS) / HEADS_PER_ROUND;
}

function report(name: string, role: Role, head: Uint8Array): void {
  const figures = measure([ours(role), llhttp(role)], head).map((rounds) => {
    const { min, median } = fastest(rounds);
    const speed = ((head.length / min) * 1000).toFixed(0);
    return `${min.toFixed(0)} ns (${median.toFixed(0)}) ${speed} MB/s`;
  });
  const size = `${head.length} B`.padStart(5);
  process.stdout.write(`${name.padEnd(14)} ${size}  ${figures[0]!.padEnd(28)} llhttp ${figures[1]}\n`);
}

report("tiny request", "request", requestOf(TINY));
report("real request", "request", requestOf(REAL));
report("response", "response", RESPONSE);
