/**
 * Whether new connections should come here, and what is known of it. Who is asked this listens already, and has proved
 * as far as it can that the rules do not redirect it to itself: endpoints open after that, and close with the proxy.
 */
import { type Answer, text } from "./http/answer.ts";

export interface ReadinessOptions {
  readonly isDraining: () => boolean;
  /** Every event loop has begun to listen. */
  readonly isComplete: () => boolean;
  /** Whether a NAT rule is in force in this network namespace. It may connect to ourselves to find out. */
  readonly seesNat: () => Promise<boolean>;
}

export class Readiness {
  readonly #options: ReadinessOptions;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** 200, or 503 with the reason. */
  answer(): Answer {
    const { isDraining, isComplete } = this.#options;
    if (isDraining()) return text(503, "draining");
    return isComplete() ? text(200, "ready") : text(503, "not every worker listens yet");
  }

  /** The same status, with all that is known. An unprivileged process cannot read rules, so whose they are is not. */
  async explain(): Promise<Answer> {
    const { isDraining, seesNat } = this.#options;
    const nat = (await seesNat())
      ? "active (a NAT rule is in force in this network namespace; not necessarily init's)"
      : "not seen (no connection was redirected here yet)";
    const draining = isDraining() ? "yes" : "no";
    return text(this.answer().status, `listening: yes\ndraining: ${draining}\nnat: ${nat}`);
  }
}
