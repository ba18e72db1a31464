import type { Session } from "./session.ts";

/**
 * The sessions that are not over, the oldest first.
 *
 * Not a Set: JavaScriptCore's leaves its old table behind when it makes a new one, with all that was in it and a reference
 * to the new one. Once such a table has grown old, collections of young objects keep all the tables after it, and so every
 * session that has ever been in one, until all of the heap is collected.
 */
export class SessionList implements Iterable<Session> {
  #oldest: Session | null = null;
  #newest: Session | null = null;
  size = 0;

  /** `session` is in no list. */
  add(session: Session): void {
    session.older = this.#newest;
    if (this.#newest === null) this.#oldest = session;
    else this.#newest.newer = session;
    this.#newest = session;
    this.size++;
  }

  /** `session` is in this list. */
  remove(session: Session): void {
    const { older, newer } = session;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    // Else one that has grown old would keep those after it.
    session.older = null;
    session.newer = null;
    this.size--;
  }

  /** The session that an iteration is at may be removed meanwhile, no other. */
  *[Symbol.iterator](): Generator<Session> {
    let session = this.#oldest;
    while (session !== null) {
      const { newer }: Session = session;
      yield session;
      session = newer;
    }
  }
}
