/**
 * Which kind a request is of. The request line of a known path is looked up by its bytes; any other is taken apart, and
 * becomes a route once a server has answered it: what the server does not know is none, so that scanners for
 * vulnerabilities do not fill the routes.
 */
import type { Head } from "../http1/head.ts";
import { latin1 } from "../http1/head.ts";
import { portColon, readPort } from "../mesh/authority.ts";
import type { Exchange } from "../mesh/exchange.ts";
import { KindCache, MAX_LINE_BYTES } from "./kind-cache.ts";
import { type Kind, Kinds, OTHER, OTHER_METHOD, OVERFLOW_ID, type RequestKind } from "./kinds.ts";
import { pathSegments } from "./path-segments.ts";
import { RouteTree } from "./route-tree.ts";

const METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"];
const VERSIONS = ["1.0", "1.1"] as const;
/** Servers beyond these are not told apart. */
const MAX_SERVERS = 100;
/** RFC 1035 section 2.3.4. */
const MAX_NAME_BYTES = 255;
const NO_SERVER = { server: "", port: "" };
const OTHER_SERVER = { server: OTHER, port: OTHER };

export interface RequestKindsOptions {
  /** How many kinds are told apart. */
  readonly max: number;
  /** Tell servers apart, each with routes of its own. */
  readonly withServer: boolean;
  /** Guess routes from paths. */
  readonly withRoutes: boolean;
}

type Server = Pick<RequestKind, "server" | "port">;

export class RequestKinds {
  readonly #options: RequestKindsOptions;
  readonly #cache = new KindCache();
  readonly #kinds: Kinds;
  readonly #trees = new Map<string, RouteTree>();

  constructor(options: RequestKindsOptions) {
    this.#options = options;
    this.#kinds = new Kinds(options.max, options.withServer);
  }

  get all(): Iterable<Kind> {
    return this.#kinds.all;
  }

  get(id: number): Kind {
    return this.#kinds.get(id);
  }

  /** Sets `kind` of the exchange, and `unknownPath` if its path has yet to become a route. */
  begin(exchange: Exchange, head: Head): void {
    const cached = this.#cache.find(exchange, head, this.#options.withServer);
    const kind = this.#kinds.get(cached >= 0 ? cached : this.#resolve(exchange, head));
    exchange.kind = kind.id;
    kind.inFlight++;
  }

  /** The kind that the exchange, now over, counts as. */
  end(exchange: Exchange): Kind {
    const { unknownPath, status } = exchange;
    const kind = this.#kinds.get(exchange.kind);
    kind.inFlight--;
    exchange.kind = -1;
    if (unknownPath === null) return kind;
    if (isKnownToServer(status)) return this.#learn(kind.is, unknownPath.template);
    this.#cache.confirm(unknownPath.place, kind.id);
    return kind;
  }

  /** Forgets what nothing refers to any more, and which paths servers do not know. */
  refresh(): void {
    this.#cache.clear();
    if (!this.#kinds.prune()) return;
    const kept = Map.groupBy(this.#kinds.all, ({ is }) => serverKey(is));
    for (const [key, tree] of this.#trees) {
      const kinds = kept.get(key);
      if (kinds === undefined) this.#trees.delete(key);
      else tree.keep(kinds.map(({ is }) => is.route).filter((route) => route.startsWith("/")));
    }
  }

  #resolve(exchange: Exchange, head: Head): number {
    const { target } = exchange;
    const server = this.#options.withServer ? this.#server(exchange, head) : NO_SERVER;
    const tree = this.#tree(server);
    const pathEnd = Math.min(target.pathEnd, head.start + MAX_LINE_BYTES);
    const segments = this.#options.withRoutes ? pathSegments(head.buf, target.pathStart, pathEnd) : [];
    const route = segments.length === 0 ? "" : tree.find(segments);
    const is = { method: method(head), version: version(head), route: route ?? "", ...server };
    const { id } = this.#kinds.intern(is);
    if (route !== null || id === OVERFLOW_ID) this.#cache.store(id);
    else exchange.unknownPath = { template: `/${segments.join("/")}`, place: this.#cache.suppose(id) };
    return id;
  }

  #learn(is: RequestKind, template: string): Kind {
    if (this.#kinds.isFull) return this.#kinds.get(OVERFLOW_ID);
    return this.#kinds.intern({ ...is, route: this.#tree(is).learn(template.slice(1).split("/")) });
  }

  #server({ target, conn }: Exchange, { buf }: Head): Server {
    const { hostStart, hostEnd } = target;
    const colon = portColon(buf, hostStart, hostEnd);
    const server = hostStart === hostEnd ? conn.originalDst.ip : hostName(buf, hostStart, colon);
    const port = readPort(buf, colon + 1, hostEnd) || conn.originalDst.port;
    const named = { server, port: `${port}` };
    if (server === OTHER) return OTHER_SERVER;
    return this.#trees.has(serverKey(named)) || this.#trees.size < MAX_SERVERS ? named : OTHER_SERVER;
  }

  /** Each server has routes of its own. */
  #tree(server: Server): RouteTree {
    const key = serverKey(server);
    let tree = this.#trees.get(key);
    if (tree === undefined) {
      tree = new RouteTree();
      this.#trees.set(key, tree);
    }
    return tree;
  }
}

/** An answer that says the path exists: 4xx may mean that it does not, and without an answer nobody knows. */
function isKnownToServer(status: number): boolean {
  return status > 0 && (status < 400 || status >= 500);
}

function serverKey({ server, port }: Server): string {
  return `${server}:${port}`;
}

/** As it was meant: names have no case. */
function hostName(buf: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_NAME_BYTES) return OTHER;
  const name = latin1(buf, start, end).toLowerCase();
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(name) ? name : OTHER;
}

function method(head: Head): string {
  return METHODS.find((name) => head.methodIs(name)) ?? OTHER_METHOD;
}

function version({ minor }: Head): string {
  return VERSIONS[minor === 0 ? 0 : 1];
}
