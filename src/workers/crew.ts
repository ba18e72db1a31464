/**
 * The event loops beside the process's own, each a thread of its own with a listener on the same port: the kernel deals
 * connections out. Each is a whole sidecar but for what a process has once: signals, logs, configuration file and the
 * ports of the sidecar itself. Those stay with the first event loop, which asks the others and tells them.
 */
import type { Environment } from "../env.ts";
import type { Log, LogLevel } from "../log.ts";
import { ExpiredParts } from "../metrics/expired-parts.ts";
import { addSamples, keepCounters, readSamples, type Samples } from "../metrics/merge.ts";
import type { Scrape, ScrapeResult } from "../metrics/metrics.ts";
import type { WorkerFigures } from "../metrics/worker-metrics.ts";
import type { Board } from "./board.ts";
import { Member, type Thread } from "./member.ts";
import type { FromWorker, WorkerOrder } from "./messages.ts";

export interface CrewOptions {
  /** How many event loops there are, with the process's own. */
  readonly loops: number;
  readonly spawn: () => Thread;
  readonly board: Board;
  readonly log: Log;
  /** The event loop with this number is gone: what it held of the shared memory is free. */
  readonly release: (number: number) => void;
}

/** What the crew knows once the first event loop listens. */
export interface CrewStart {
  readonly order: (number: number) => WorkerOrder;
  /** Takes whole lines of the access log. */
  readonly takeAccess: (page: Uint8Array) => void;
}

/** A worker that fails at once is not started more often. */
const RESTART_MS = 1000;
/** Whoever is busier than that is told of by its last answer. */
const ANSWER_MS = 250;
/** Its spans have a second to leave. */
const CLOSE_MS = 1500;
const FIRST_WORKER = 2;

/** The place of one worker, and who fills it at present. */
interface Place {
  readonly number: number;
  member: Member | null;
  samples: Samples;
  restarts: number;
  hasListened: boolean;
}

export class Crew {
  readonly board: Board;
  readonly #options: CrewOptions;
  readonly #places: readonly Place[];
  #start: CrewStart | null = null;
  #isClosing = false;
  /** What those that are gone have counted. */
  #gone: Samples = new Map();
  readonly #expired = new ExpiredParts();

  constructor(options: CrewOptions) {
    this.#options = options;
    this.board = options.board;
    this.#places = Array.from({ length: options.loops - 1 }, (_, i) => ({
      number: FIRST_WORKER + i,
      member: null,
      samples: new Map(),
      restarts: 0,
      hasListened: false,
    }));
  }

  get loops(): number {
    return this.#options.loops;
  }

  get hasStarted(): boolean {
    return this.#start !== null;
  }

  /** Every event loop has listened, or the first one is to be alone for now. */
  get isComplete(): boolean {
    return !this.hasStarted || this.#places.every(({ hasListened }) => hasListened);
  }

  get figures(): WorkerFigures {
    return {
      listening: 1 + this.#members.filter(({ isListening }) => isListening).length,
      opened: this.board.loops.map(({ opened }) => opened),
      restarts: [0, ...this.#places.map(({ restarts }) => restarts)],
    };
  }

  /** Starts all workers. */
  start(start: CrewStart): void {
    if (this.#isClosing) return;
    this.#start = start;
    for (const place of this.#places) this.#fill(place);
  }

  /** All variables that hold from now on. */
  change(environment: Environment): void {
    for (const member of this.#members) member.tell({ kind: "change", environment });
  }

  setLevel(level: LogLevel): void {
    for (const member of this.#members) member.tell({ kind: "level", level });
  }

  /** `own` with what the workers count. One that does not answer in time counts as it did before. */
  async scrape(own: Scrape, accept: string): Promise<ScrapeResult> {
    await Promise.all(this.#places.map((place) => this.#refresh(place)));
    const { contentType, body } = own(accept);
    const text = Buffer.from(body).toString();
    const others = [...this.#places.map(({ samples }) => samples), this.#gone];
    const expired = this.#expired.of([readSamples(text), ...others]);
    return { contentType, body: Buffer.from(addSamples(text, [...others, expired])) };
  }

  /** The open connections of the workers, one text for each. */
  async connections(): Promise<string[]> {
    const texts = this.#places.map(async ({ number, member }) => {
      const text = await member?.ask("connections", ANSWER_MS);
      return `worker ${number}: ${text ?? "no answer"}`;
    });
    return Promise.all(texts);
  }

  /** Ends the worker with this number, which resets its connections, and starts it again. False if there is none. */
  restart(number: number): boolean {
    const member = this.#places.find((place) => place.number === number)?.member;
    void member?.close(CLOSE_MS);
    return member != null;
  }

  /** Ends all workers for good: connections are reset and spans sent. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(this.#members.map((member) => member.close(CLOSE_MS)));
  }

  get #members(): Member[] {
    return this.#places.map(({ member }) => member).filter((member) => member !== null);
  }

  #fill(place: Place): void {
    if (this.#isClosing) return;
    const { number } = place;
    const { log, spawn } = this.#options;
    place.member = new Member(spawn(), {
      said: (message) => this.#heard(place, message),
      crashed: (why) => log.error(`worker ${number} failed: ${why}`),
      ended: () => this.#vacate(place),
    });
    place.member.tell({ kind: "start", order: this.#start!.order(number) });
  }

  #heard(place: Place, message: Exclude<FromWorker, { kind: "answer" }>): void {
    const { log } = this.#options;
    switch (message.kind) {
      case "listening":
        place.hasListened = true;
        log.debug(`worker ${place.number} listens`);
        break;
      case "failed":
        log.error(`worker ${place.number}: ${message.why}`);
        break;
      case "log":
        log[message.severity](message.message);
        break;
      case "access":
        this.#start!.takeAccess(message.page);
        break;
      case "closed":
        place.samples = readSamples(message.metrics);
        log.info(`worker ${place.number}: ${message.summary}`);
    }
  }

  #vacate(place: Place): void {
    const { board, log, release } = this.#options;
    place.member = null;
    this.#gone = keepCounters(this.#gone, place.samples);
    place.samples = new Map();
    this.#expired.forget(place.number - 1);
    board.clear(place.number);
    release(place.number);
    if (this.#isClosing) return;
    place.restarts++;
    log.warn(`worker ${place.number} has ended and its connections are reset: another one takes its place`);
    setTimeout(() => this.#fill(place), RESTART_MS);
  }

  async #refresh(place: Place): Promise<void> {
    const text = await place.member?.ask("metrics", ANSWER_MS);
    if (text != null) place.samples = readSamples(text);
  }
}
