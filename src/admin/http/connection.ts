/**
 * One connection to one of our own ports: one request, one answer, the end. Every phase has its deadline, so that
 * nobody keeps a place by being slow.
 *
 *   Reading     until the request is complete                     readMs, as the server says
 *   Answering   until the answer is there: the handler's business
 *   Sending     until the kernel has taken all of it              sendMs
 *   Lingering   our FIN is sent; what still comes is discarded    LINGER_MS
 *
 * Closing at once instead of lingering would reset the connection where the client is still sending, and the answer
 * would be lost with it (RFC 9112 section 9.6).
 */
import type { Socket } from "bun";
import { isLoopback, unmapIp } from "../../address.ts";
import { type Answer, encodeAnswer, text } from "./answer.ts";
import { type HttpRequest, RequestReader } from "./request.ts";

const LINGER_MS = 1000;

const enum Phase {
  Reading,
  Answering,
  Sending,
  Lingering,
  Over,
}

/** Who asks, besides what. */
export interface Caller {
  readonly ip: string;
  /** From inside this network namespace by loopback: only somebody in the pod can do that. */
  readonly isLocal: boolean;
  /** Aborted when the connection is over, also because all was sent. */
  readonly gone: AbortSignal;
}

/** Makes the answer. What it throws is a bug. */
export type Handler = (request: HttpRequest, caller: Caller) => Answer | Promise<Answer>;

export interface ConnectionOptions {
  readonly handler: Handler;
  /** For the whole request, however slow. */
  readonly readMs: number;
  /** For the whole answer, however large. */
  readonly sendMs: number;
  readonly onBug: (error: Error) => void;
  /** The kernel has not taken the whole answer. */
  readonly onUnsent: (connection: Connection) => void;
}

export class Connection {
  readonly #socket: Socket<Connection>;
  readonly #options: ConnectionOptions;
  readonly #gone = new AbortController();
  #phase = Phase.Reading;
  #reader: RequestReader | null = new RequestReader();
  /** Pieces of the answer; of the first one the rest. */
  #unsent: Uint8Array[] = [];
  #deadline: Timer;

  constructor(socket: Socket<Connection>, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#deadline = setTimeout(cut, options.readMs, this);
  }

  /** It has not asked yet, or it has its answer. */
  get isIdle(): boolean {
    return this.#phase === Phase.Reading || this.#phase === Phase.Lingering;
  }

  get isSending(): boolean {
    return this.#phase === Phase.Sending;
  }

  /** The memory that its answer holds: a piece of which a byte is missing is there as a whole. */
  get unsentBytes(): number {
    return this.isSending ? this.#unsent.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) : 0;
  }

  /** Resets it. */
  cut(): void {
    this.#socket.terminate();
  }

  // --- what the socket reports ---

  received(chunk: Uint8Array): void {
    const request = this.#reader?.push(chunk) ?? null;
    if (request === null) return;
    this.#reader = null;
    this.#phase = Phase.Answering;
    clearTimeout(this.#deadline);
    if ("status" in request) this.#send(request, false);
    else this.#answer(request);
  }

  /** FIN. A client that has asked may still wait for the answer. */
  ended(): void {
    if (this.#phase === Phase.Reading) this.cut();
    else this.#gone.abort();
  }

  writable(): void {
    if (this.#phase !== Phase.Sending) return;
    while (this.#unsent.length > 0) {
      const piece = this.#unsent[0]!;
      const taken = Math.max(0, this.#socket.write(piece));
      if (taken < piece.byteLength) {
        this.#unsent[0] = piece.subarray(taken);
        return;
      }
      this.#unsent.shift();
    }
    this.#finish();
  }

  closed(): void {
    this.#phase = Phase.Over;
    clearTimeout(this.#deadline);
    this.#gone.abort();
  }

  // --- the way of the answer ---

  #answer(request: HttpRequest): void {
    const isHead = request.method === "HEAD";
    const failed = (error: unknown) => {
      this.#options.onBug(error as Error);
      this.#send(text(500, "internal error"), isHead);
    };
    try {
      const answer = this.#options.handler(request, this.#caller());
      if (answer instanceof Promise) answer.then((late) => this.#send(late, isHead)).catch(failed);
      else this.#send(answer, isHead);
    } catch (error) {
      failed(error);
    }
  }

  #caller(): Caller {
    const ip = unmapIp(this.#socket.remoteAddress);
    return { ip, isLocal: isLoopback(ip), gone: this.#gone.signal };
  }

  #send(answer: Answer, isHead: boolean): void {
    if (this.#phase === Phase.Over) return;
    this.#phase = Phase.Sending;
    this.#unsent = encodeAnswer(answer, isHead);
    this.#deadline = setTimeout(cut, this.#options.sendMs, this);
    this.writable();
    if (this.isSending) this.#options.onUnsent(this);
  }

  #finish(): void {
    this.#phase = Phase.Lingering;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(cut, LINGER_MS, this);
    this.#socket.shutdown();
  }
}

function cut(connection: Connection): void {
  connection.cut();
}
