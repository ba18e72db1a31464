import type { FromWorker, Question, ToWorker } from "./messages.ts";

/** A thread, as far as it is used here: a `Worker`. */
export interface Thread {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: { readonly data: FromWorker }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
  addEventListener(type: "close", listener: () => void): void;
}

/** Who is told what a worker says, and of its end. */
export interface MemberEvents {
  said(message: Exclude<FromWorker, { kind: "answer" }>): void;
  /** An exception ended it. `ended` follows. */
  crashed(why: string): void;
  /** The thread is gone, whatever the reason. */
  ended(): void;
}

/** One worker from its start to its end. */
export class Member {
  isListening = false;
  readonly #thread: Thread;
  readonly #events: MemberEvents;
  readonly #questions = new Map<number, (text: string | null) => void>();
  #lastId = 0;
  readonly #ended = Promise.withResolvers<void>();

  constructor(thread: Thread, events: MemberEvents) {
    this.#thread = thread;
    this.#events = events;
    thread.onmessage = ({ data }) => this.#hear(data);
    thread.onerror = ({ message }) => events.crashed(message);
    thread.addEventListener("close", () => this.#end());
  }

  tell(message: ToWorker): void {
    this.#thread.postMessage(message);
  }

  /** Its answer; null if there is none within `deadlineMs`. */
  ask(about: Question, deadlineMs: number): Promise<string | null> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const timer = setTimeout(() => this.#answer(id, null), deadlineMs);
    this.#questions.set(id, (text) => {
      clearTimeout(timer);
      resolve(text);
    });
    this.tell({ kind: "ask", id, about });
    return promise;
  }

  /** Resets its connections and ends it, by force if it does not do so within `deadlineMs`. */
  async close(deadlineMs: number): Promise<void> {
    this.tell({ kind: "close" });
    const timer = setTimeout(() => this.#thread.terminate(), deadlineMs);
    await this.#ended.promise;
    clearTimeout(timer);
  }

  #hear(message: FromWorker): void {
    if (message.kind === "answer") {
      this.#answer(message.id, message.text);
      return;
    }
    if (message.kind === "listening") this.isListening = true;
    this.#events.said(message);
    if (message.kind === "closed" || message.kind === "failed") this.#thread.terminate();
  }

  #answer(id: number, text: string | null): void {
    this.#questions.get(id)?.(text);
    this.#questions.delete(id);
  }

  #end(): void {
    this.isListening = false;
    for (const id of [...this.#questions.keys()]) this.#answer(id, null);
    this.#ended.resolve();
    this.#events.ended();
  }
}
