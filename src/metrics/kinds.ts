/**
 * Kinds of requests: what all requests with the same labels have in common that is known before they are answered.
 * A kind is interned by the text of its labels, so no two series can have the same ones.
 */
import { labelText } from "./labels.ts";

/** What a request asks for, in words of which there are few. */
export interface RequestKind {
  /** A method of HTTP's, or `_OTHER`. */
  readonly method: string;
  readonly version: string;
  /** The path with its data replaced; empty if it is not known to be a route. */
  readonly route: string;
  /** The host that the request names, else the address it went to. Both are empty where servers are not told apart. */
  readonly server: string;
  readonly port: string;
}

export const OTHER = "_other";
export const OTHER_METHOD = "_OTHER";

/** What stands for every kind there is no room for. */
const OVERFLOW: RequestKind = {
  method: OTHER_METHOD,
  version: OTHER,
  route: OTHER,
  server: OTHER,
  port: OTHER,
};
/** Its number. */
export const OVERFLOW_ID = 0;

export class Kind {
  /** Exchanges of this kind that are not over. */
  inFlight = 0;
  /** Series that begin with these labels. */
  series = 0;

  constructor(
    readonly id: number,
    readonly is: RequestKind,
    readonly labels: string,
  ) {}
}

export class Kinds {
  readonly #max: number;
  readonly #byLabels = new Map<string, Kind>();
  readonly #byId: (Kind | undefined)[] = [];
  readonly #free: number[] = [];

  /** At most `max` besides the one for all others, whose labels name servers if `withServer`. */
  constructor(max: number, withServer: boolean) {
    this.#max = max;
    this.#add(withServer ? OVERFLOW : { ...OVERFLOW, server: "", port: "" });
  }

  get isFull(): boolean {
    return this.#byLabels.size > this.#max;
  }

  get all(): Iterable<Kind> {
    return this.#byLabels.values();
  }

  /** The kind with this number, which is in use. */
  get(id: number): Kind {
    return this.#byId[id]!;
  }

  /** The kind with these labels; the one for all others if there are too many. */
  intern(is: RequestKind): Kind {
    const known = this.#byLabels.get(labelsOf(is));
    if (known !== undefined) return known;
    return this.isFull ? this.get(OVERFLOW_ID) : this.#add(is);
  }

  /** Forgets the kinds that nothing refers to. True if there were any. */
  prune(): boolean {
    const before = this.#byLabels.size;
    for (const [labels, { id, series, inFlight }] of this.#byLabels) {
      if (series > 0 || inFlight > 0 || id === OVERFLOW_ID) continue;
      this.#byLabels.delete(labels);
      this.#byId[id] = undefined;
      this.#free.push(id);
    }
    return this.#byLabels.size < before;
  }

  #add(is: RequestKind): Kind {
    const kind = new Kind(this.#free.pop() ?? this.#byId.length, is, labelsOf(is));
    this.#byId[kind.id] = kind;
    this.#byLabels.set(kind.labels, kind);
    return kind;
  }
}

function labelsOf({ method, version, route, server, port }: RequestKind): string {
  return labelText({
    http_request_method: method,
    http_route: route,
    url_scheme: "http",
    network_protocol_version: version,
    server_address: server,
    server_port: port,
  });
}
