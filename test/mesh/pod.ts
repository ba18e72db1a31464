/** Pods that call each other: an application driven by the test, its sidecar's production handlers in both directions. */
import type { HttpHandler } from "../../src/mesh/http-handler.ts";
import type { Direction } from "../../src/proxy/handler.ts";
import type { ReadSpan } from "../trace/support/thrift-reader.ts";
import { connInfo, type FakeRelay } from "./conversation.ts";
import { type MeshOptions, TracedMesh } from "./recorded-spans.ts";

export type Headers = Readonly<Record<string, string>>;

/** Yields wherever other requests may get their turn. */
export type Steps = Generator<void, void>;

/** Answers a request to `path` that came with `headers`. */
export type Application = (path: string, headers: Headers) => Steps;

interface Link {
  readonly handler: HttpHandler;
  readonly relay: FakeRelay;
}

const OK = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

export class Pod {
  readonly #mesh: TracedMesh;
  /** Kept-alive connections that nobody uses at the moment. */
  readonly #idle: Record<Direction, Link[]> = { inbound: [], outbound: [] };

  constructor(
    readonly application: Application,
    options: MeshOptions = {},
  ) {
    this.#mesh = new TracedMesh(options);
  }

  get spans(): readonly ReadSpan[] {
    this.#mesh.flush();
    return this.#mesh.spans;
  }

  /** A request to this pod's application, from the wire to the answer. */
  *serve(path: string, headers: Headers): Steps {
    const link = this.#connect("inbound");
    const received = pass(link, path, headers);
    yield;
    yield* this.application(path, received);
    this.#answer("inbound", link);
  }

  /** A request of this pod's application to `other`. */
  *call(other: Pod, path: string, headers: Headers): Steps {
    const link = this.#connect("outbound");
    const sent = pass(link, path, headers);
    yield;
    yield* other.serve(path, sent);
    yield;
    this.#answer("outbound", link);
  }

  /** The same, but the connection breaks when the request has left. */
  *fail(path: string, headers: Headers): Steps {
    const link = this.#connect("outbound");
    pass(link, path, headers);
    yield;
    link.handler.closed("upstream-reset");
  }

  #connect(direction: Direction): Link {
    return this.#idle[direction].pop() ?? this.#mesh.connect(connInfo(direction));
  }

  #answer(direction: Direction, link: Link): void {
    link.handler.upstreamData(OK);
    this.#idle[direction].push(link);
  }
}

/** Sends a request through a sidecar's handler; the header fields that come out, names in lower case. */
function pass({ handler, relay }: Link, path: string, headers: Headers): Headers {
  relay.upstream = "";
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  handler.clientData(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: h\r\n${lines.join("")}\r\n`));
  const fields = relay.upstream.trimEnd().split("\r\n").slice(1);
  return Object.fromEntries(
    fields.map((field) => field.split(": ")).map(([name, value]) => [name!.toLowerCase(), value!]),
  );
}

/** Runs all to the end, one step of a random one at a time. `random` is like `Math.random`. */
export function* interleave(random: () => number, all: readonly Steps[]): Steps {
  const running = [...all];
  while (running.length > 0) {
    const i = Math.floor(random() * running.length);
    if (running[i]!.next().done) running.splice(i, 1);
    yield;
  }
}
