/**
 * `bun bench/http1.ts`: what reading heads costs, without sockets: nanoseconds per head and megabytes a second.
 * The fastest of many short rounds, because whatever else runs can only make one slower; the median in brackets.
 */
import { type Framing, requestFraming, responseFraming } from "../src/http1/framing.ts";
import type { Head } from "../src/http1/head.ts";
import { MessageParser, type MessageSink, type Role } from "../src/http1/parser.ts";
import { REAL, TINY } from "./load/shapes.ts";
import { quantile } from "./statistics.ts";

const ROUNDS = 300;
const HEADS_PER_ROUND = 4000;
const WARM_UP_ROUNDS = 50;
const NS_PER_MS = 1e6;

const RESPONSE =
  "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 01:50:56 GMT\r\nContent-Type: text/plain\r\n" +
  "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n";

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

function request(headers: readonly string[]): string {
  return `${["GET / HTTP/1.1", "Host: 198.18.0.3:8080", ...headers].join("\r\n")}\r\n\r\n`;
}

/** Nanoseconds per head, one figure a round. */
function measure(role: Role, head: Uint8Array): number[] {
  const counter = new Counter(role);
  const parser = new MessageParser(role, counter);
  const rounds = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, () => round(parser, head));
  if (counter.heads !== rounds.length * HEADS_PER_ROUND)
    throw new Error(`only ${counter.heads} heads came out`);
  return rounds.slice(WARM_UP_ROUNDS);
}

function round(parser: MessageParser, head: Uint8Array): number {
  const startedMs = performance.now();
  for (let i = 0; i < HEADS_PER_ROUND; i++) parser.push(head);
  return ((performance.now() - startedMs) * NS_PER_MS) / HEADS_PER_ROUND;
}

function report(name: string, role: Role, text: string): void {
  const head = new Uint8Array(Buffer.from(text));
  const sorted = measure(role, head).toSorted((a, b) => a - b);
  const fastest = sorted[0]!;
  const speed = ((head.length / fastest) * 1000).toFixed(0);
  const size = `${head.length} B`.padStart(5);
  process.stdout.write(
    `${name.padEnd(14)} ${size}  ${fastest.toFixed(0)} ns (${quantile(sorted, 0.5).toFixed(0)})  ${speed} MB/s\n`,
  );
}

report("tiny request", "request", request(TINY.headers));
report("real request", "request", request(REAL.headers));
report("response", "response", RESPONSE);
