/** Hundreds of requests at once through whole chains of pods: each must give one trace, and the right tree. */
import { describe, expect, test } from "bun:test";
import type { ReadSpan } from "../trace/support/thrift-reader.ts";
import { type Application, type Headers, interleave, Pod, type Steps } from "./pod.ts";

const REQUESTS = 300;

/** A small generator (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Node = Pick<ReadSpan, "traceId" | "spanId" | "parentSpanId"> & { readonly name: string };

/** A tracing library in an application: it reads and writes one format and knows no other. */
class Library {
  readonly spans: Node[] = [];
  #ids = 0;

  constructor(
    readonly service: string,
    readonly format: "traceparent" | "b3",
  ) {}

  /** The headers of a request of its own, caused by a request with `headers`. */
  child(path: string, headers: Headers): Headers {
    const field = headers[this.format]!;
    const [traceId = "", parentSpanId = ""] = field.split("-").slice(this.format === "b3" ? 0 : 1);
    const spanId = `${this.service === "b3" ? "b3" : "ee"}${(++this.#ids).toString(16).padStart(14, "0")}`;
    this.spans.push({ traceId, spanId, parentSpanId, name: `${this.service} ${path}` });
    const value = this.format === "b3" ? `${traceId}-${spanId}-1` : `00-${traceId}-${spanId}-01`;
    return { [this.format]: value };
  }
}

/** `server /path` or `client /path` for the sidecar's spans. */
function nodesOf(pods: readonly Pod[]): Node[] {
  return pods.flatMap(({ spans }) =>
    spans.map((span) => {
      const tags = Object.fromEntries(span.tags);
      return { ...span, name: `${tags["span.kind"]} ${tags["http.path"]}` };
    }),
  );
}

/** Every span by name with the names of its ancestors, the root last. */
function lineages(nodes: readonly Node[]): string[] {
  const byId = new Map(nodes.map((node) => [node.spanId, node]));
  const lineage = (node: Node): string[] => {
    const parent = byId.get(node.parentSpanId);
    if (parent === undefined) return /^0*$/.test(node.parentSpanId) ? [node.name] : [node.name, "a stranger"];
    return [node.name, ...lineage(parent)];
  };
  return nodes.map((node) => lineage(node).join(" < ")).toSorted();
}

function expectTrees(nodes: readonly Node[], treeOf: (root: string) => string[]): void {
  const expected = Array.from({ length: REQUESTS }, (_, i) => treeOf(`/${i}`)).flat();
  expect(lineages(nodes)).toEqual(expected.toSorted());
  const traces = Map.groupBy(nodes, ({ traceId }) => traceId.replace(/^0{16}/, ""));
  expect(traces.size).toBe(REQUESTS);
  for (const [, spans] of traces) {
    expect(new Set(spans.map(({ name }) => name.split("/")[1]!.split("?")[0])).size).toBe(1);
  }
}

function run(steps: Steps): void {
  while (!steps.next().done);
}

/** Starts `REQUESTS` requests at `front`, `/0`, `/1`, ..., and runs them in any order. */
function flood(front: Pod, random: () => number): void {
  const requests = Array.from({ length: REQUESTS }, (_, i) =>
    front.serve(`/${i}`, { "x-request-id": `id-${i}` }),
  );
  run(interleave(random, requests));
}

const leaf: Application = function* () {
  yield;
};

describe.each([1, 2, 3])("interleaved requests, order %d", (seed) => {
  const random = seeded(seed);

  test("fan-out and retries by request id alone", () => {
    const back = new Pod(leaf);
    const front: Pod = new Pod(function* (path, headers) {
      const own = { "x-request-id": headers["x-request-id"]! };
      yield* front.fail(`${path}/back?try=1`, own);
      yield* front.call(back, `${path}/back?try=2`, own);
      yield* interleave(random, [
        front.call(back, `${path}/left`, own),
        front.call(back, `${path}/right`, own),
      ]);
    });
    flood(front, random);
    expectTrees(nodesOf([front, back]), (root) => {
      const server = `server ${root}`;
      const reached = ["/back?try=2", "/left", "/right"].map((path) => `client ${root}${path} < ${server}`);
      return [
        server,
        `client ${root}/back?try=1 < ${server}`,
        ...reached,
        ...reached.map((client) => `${client.split(" < ")[0]!.replace("client", "server")} < ${client}`),
      ];
    });
  });

  test("a chain in which each service speaks another language, and fan-in at its end", () => {
    const w3c = new Library("w3c", "traceparent");
    const b3 = new Library("b3", "b3");
    const end = new Pod(leaf);
    const store: Pod = new Pod(function* (path, headers) {
      const { "uber-trace-id": copied = "", "x-request-id": id = "" } = headers;
      yield* store.call(end, `${path}/end`, { "uber-trace-id": copied, "x-request-id": id });
    });
    const left: Pod = new Pod(function* (path, headers) {
      yield* left.call(store, `${path}/store`, w3c.child(`${path}/store`, headers));
    });
    const right: Pod = new Pod(
      function* (path, headers) {
        yield* right.call(store, `${path}/store`, b3.child(`${path}/store`, headers));
      },
      { propagators: ["jaeger", "tracecontext", "b3"] },
    );
    const front: Pod = new Pod(function* (path, headers) {
      const own = { "x-request-id": headers["x-request-id"]! };
      yield* interleave(random, [
        front.call(left, `${path}/left`, own),
        front.call(right, `${path}/right`, own),
      ]);
    });
    flood(front, random);
    const nodes = [...nodesOf([front, left, right, store, end]), ...w3c.spans, ...b3.spans];
    expectTrees(nodes, (root) => [
      `server ${root}`,
      ...branch(root, "left", "w3c"),
      ...branch(root, "right", "b3"),
    ]);
  });
});

/** From the front through `side`, whose library has a span of its own, to the store and to the end. */
function branch(root: string, side: string, library: string): string[] {
  const spans = [
    `client ${root}/${side}`,
    `server ${root}/${side}`,
    `${library} ${root}/${side}/store`,
    `client ${root}/${side}/store`,
    `server ${root}/${side}/store`,
    `client ${root}/${side}/store/end`,
    `server ${root}/${side}/store/end`,
  ];
  return spans.map((_, i) => [...spans.slice(0, i + 1).toReversed(), `server ${root}`].join(" < "));
}
