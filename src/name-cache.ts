/**
 * Names of routed hosts → addresses, found without blocking and kept as long as DNS allows.
 *
 * Asked is Bun's default, c-ares: unlike `resolve4` it knows /etc/hosts and search domains, which Kubernetes' short names
 * need, and unlike getaddrinfo it tells the TTL and holds no thread while it waits.
 */
import { unmapIp } from "./address.ts";

/** What `Bun.dns.lookup` answers, as far as it is used. TTL in seconds; 0 also for what /etc/hosts says. */
export interface FoundAddress {
  readonly address: string;
  readonly ttl: number;
}

export interface NameCacheOptions {
  /** Finds the addresses of a name; rejects if there are none. */
  readonly lookup?: (name: string) => Promise<readonly FoundAddress[]>;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
  readonly timeoutMs?: number;
}

/** Who routes requests decides how many names there are. */
const MAX_NAMES = 1024;
const MAX_PENDING = 256;
const TIMEOUT_MS = 5000;
/** A name that is not found is asked for again after this time; no answer lives shorter, or longer than the second. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 300_000;

/** The answer for one name, perhaps not there yet. */
export class NameLookup {
  isDone = false;
  /** Null until it is done, and if there is no address. */
  ip: string | null = null;
  expiresAtMs = Number.POSITIVE_INFINITY;
  readonly #listeners: (() => void)[] = [];

  /** Calls `listener` once, when it is done. */
  whenDone(listener: () => void): void {
    if (this.isDone) listener();
    else this.#listeners.push(listener);
  }

  /** The first answer counts. */
  settle(ip: string | null, expiresAtMs: number): void {
    if (this.isDone) return;
    this.isDone = true;
    this.ip = ip;
    this.expiresAtMs = expiresAtMs;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

export class NameCache {
  readonly #lookup: (name: string) => Promise<readonly FoundAddress[]>;
  readonly #nowMs: () => number;
  readonly #timeoutMs: number;
  readonly #names = new Map<string, NameLookup>();
  #pending = 0;

  constructor(options: NameCacheOptions = {}) {
    this.#lookup = options.lookup ?? ((name) => Bun.dns.lookup(name));
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /**
   * The lookup of `name`: one that is done and has not expired, or is under way, or a new one. An expired answer serves
   * on where too much is asked to ask again, and where nobody answers (RFC 8767).
   */
  find(name: string): NameLookup {
    const known = this.#names.get(name);
    if (known !== undefined && known.expiresAtMs > this.#nowMs()) return known;
    const lookup = new NameLookup();
    const staleIp = known?.ip ?? null;
    if (this.#pending >= MAX_PENDING) {
      lookup.settle(staleIp, this.#nowMs());
      return lookup;
    }
    this.#names.delete(name);
    if (this.#names.size >= MAX_NAMES) this.#names.delete(this.#names.keys().next().value!);
    this.#names.set(name, lookup);
    this.#ask(name, lookup, staleIp);
    return lookup;
  }

  #ask(name: string, lookup: NameLookup, staleIp: string | null): void {
    this.#pending++;
    const giveUp = () => lookup.settle(staleIp, this.#nowMs() + SHORTEST_MS);
    const timer = setTimeout(giveUp, this.#timeoutMs);
    const answered = (found: readonly FoundAddress[]) => {
      this.#pending--;
      clearTimeout(timer);
      this.#settle(lookup, found);
    };
    this.#lookup(name).then(answered, () => answered([]));
  }

  #settle(lookup: NameLookup, [first]: readonly FoundAddress[]): void {
    const lifeMs = Math.min(Math.max((first?.ttl ?? 0) * 1000, SHORTEST_MS), LONGEST_MS);
    lookup.settle(first === undefined ? null : unmapIp(first.address), this.#nowMs() + lifeMs);
  }
}
