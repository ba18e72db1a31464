import type { Forward } from "./forward.ts";
import { readBatch, type Span } from "./jaeger-batch.ts";

const POLL_MS = 20;

/** Takes in what the agent receives, until every span that must come has come. */
export class Collector {
  readonly spans: Span[] = [];
  /** Datagrams that were no batch of spans. */
  unreadable = 0;
  readonly #forward: Forward;

  constructor(forward: Forward) {
    this.#forward = forward;
  }

  /** One datagram, as it came. */
  take(packet: Uint8Array): void {
    this.#forward(packet);
    try {
      this.spans.push(...readBatch(packet));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.unreadable++;
    }
  }

  /** The output of agent.ts: one datagram a line, in base64. Resolves when it ends. */
  async takeLines(output: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of output) {
      const lines = (rest + decoder.decode(chunk)).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.take(Buffer.from(line, "base64"));
    }
  }

  /**
   * Waits for `count` spans, at most `timeoutMs`; then `settleMs` more, so that a span which should not exist gets
   * the time to appear.
   */
  async waitFor(count: number, timeoutMs: number, settleMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.spans.length < count && performance.now() < deadline) await Bun.sleep(POLL_MS);
    await Bun.sleep(settleMs);
  }
}
