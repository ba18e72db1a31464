/**
 * Catches our own upstream connections when they come back to us.
 *
 * If the rules do not exempt our user, every upstream we dial is redirected to our own listener, which dials again:
 * one application connection used up every file descriptor within a second. Such a return is an accepted connection
 * with the source and the original destination of one of our upstreams. Which of the two is seen first is up to the
 * event loop, so both orders are checked: at dial time and when an upstream opens. This only works when nobody dials
 * in the turn that accepts, because the accept loop runs until its queue is empty, before any `open`.
 */
import { type Address, formatAddress } from "../address.ts";

/** `S` is what stands for a session; the guard only hands it back. */
export class LoopGuard<S> {
  readonly #accepts = new Map<string, S>();
  readonly #upstreams = new Map<string, S>();
  readonly #upstreamKeys = new Map<S, string>();

  /** A connection from `client` was accepted, on its way to `originalDst`. */
  accepted(client: Address, originalDst: Address, session: S): void {
    this.#accepts.set(key(client, originalDst), session);
  }

  /** Before dialling for it: the session whose upstream this accepted connection is, null if it is not ours. */
  ownUpstream(client: Address, originalDst: Address): S | null {
    return this.#upstreams.get(key(client, originalDst)) ?? null;
  }

  /** An upstream to `dst` opened from `local`: the session it arrived at, null if it did not come back to us. */
  opened(local: Address, dst: Address, session: S): S | null {
    this.left(session);
    const flow = key(local, dst);
    this.#upstreams.set(flow, session);
    this.#upstreamKeys.set(session, flow);
    return this.#accepts.get(flow) ?? null;
  }

  /** Forgets a session. */
  over(client: Address, originalDst: Address, session: S): void {
    this.#accepts.delete(key(client, originalDst));
    this.left(session);
  }

  /** Forgets the upstream of a session. */
  left(session: S): void {
    const flow = this.#upstreamKeys.get(session);
    if (flow === undefined) return;
    this.#upstreamKeys.delete(session);
    this.#upstreams.delete(flow);
  }
}

function key(source: Address, destination: Address): string {
  return `${formatAddress(source)}>${formatAddress(destination)}`;
}
