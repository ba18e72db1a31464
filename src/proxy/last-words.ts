import type { StreamHandler } from "./handler.ts";

/** How long a client may take for its first bytes when its upstream could not be reached. */
export const LAST_WORDS_MS = 100;

/**
 * Stands in for the handler of a session whose upstream could not be reached before the client said anything: the
 * refusal of a neighbour is often faster than the first request. The handler hears those bytes, so that the exchange
 * they begin is known to have failed; then the session is over.
 */
export class LastWords implements StreamHandler {
  readonly isUntouched = false;
  readonly needsUpstream = true;
  readonly #handler: StreamHandler;
  readonly #over: () => void;

  constructor(handler: StreamHandler, over: () => void) {
    this.#handler = handler;
    this.#over = over;
  }

  clientData(chunk: Uint8Array): void {
    this.#handler.clientData(chunk);
    this.#over();
  }

  clientEnd(): void {
    this.#over();
  }

  upstreamData(): void {}
  upstreamEnd(): void {}
  upstreamLost(): void {}
  closed(): void {}
}
