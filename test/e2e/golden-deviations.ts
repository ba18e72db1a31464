/** Where the spans of the golden requests are not those of 0.10, each with its reason; everything else must be equal. */
import { type GoldenRequest, NO_PARENT, type Shape, type Tag } from "./golden.ts";

type Correction = (spans: readonly Shape[]) => readonly Shape[];

const SAMPLER: readonly Tag[] = [
  ["sampler.type", "const"],
  ["sampler.param", true],
];

/** 0.10 had them only on spans that began a trace without a debug id: what to look for was gone where it mattered. */
const MAPPED_TAGS: Readonly<Record<string, readonly Tag[]>> = {
  ctx64: [
    ["http.session", "S-43"],
    ["http.cookies.sess", "v"],
  ],
  "debug-id": [["http.session", "S-45"]],
};

const CORRECTIONS: Readonly<Record<string, Correction>> = {
  // 0.10 ended the span at the interim response, with its status.
  "expect-100": ([span]) => [changed(span!, { "http.status_code": 200n, "http.response_size": 17n })],

  // jaeger-client-go 2.15 wrote a reference to nothing; 2.30 put the tags of a sampler that nobody had asked.
  "debug-id": ([span]) => [
    { ...span!, references: [], tags: span!.tags.filter(([key]) => !key.startsWith("sampler.")) },
  ],

  // 0.10 named all three after the first and made each the child of the one before: they are three traces.
  pipelined: (spans) =>
    ["/p1", "/p2", "/err"].map((path, i) => ({
      ...spans[i]!,
      ...{ operation: path, traceId: `{trace ${i}}`, parentSpanId: NO_PARENT, references: [] },
      tags: i === 0 ? spans[i]!.tags : [...SAMPLER, ...spans[i]!.tags],
    })),

  // `chain` and `chain-ctx` need none: 0.10's spans were right. It sent two contexts to the second upstream, though.
  // Nor does `ctx-unsampled`: nothing is reported, now as then.

  // 0.10 reported nothing where no response came: an error without a status.
  drop: () => [
    {
      ...{ operation: "/drop", traceId: "{trace 0}", parentSpanId: NO_PARENT, references: [], flags: 1 },
      tags: [
        ...SAMPLER,
        ...Object.entries({
          ...{ "span.kind": "server", remote_addr: "{client}", "http.host": "shop.example" },
          ...{ "http.path": "/drop", "http.request_size": 0n, "http.method": "GET" },
          ...{ "http.request_id": "req-15", error: "true" },
        }),
      ],
    },
  ],

  // 0.10 took the start of the second response for the body of the first: the connection was lost, and this span.
  "head-keepalive": ([head]) => [
    head!,
    {
      ...changed(head!, {
        ...{ "http.path": "/after-head", "http.method": "GET", "http.request_id": "hk-2" },
        "http.response_size": 22n,
      }),
      ...{ operation: "/after-head", traceId: "{trace 1}" },
    },
  ],

  // 0.10 reported the path that is to be ignored, in place of the one that followed it in the same segment.
  "ignored-pipelined": ([health]) => [
    { ...changed(health!, { "http.path": "/traced", "http.request_id": "ip-2" }), operation: "/traced" },
  ],

  // 0.10 continued the last of two contexts, which its own outbound side had left behind: the first is the caller's.
  "dup-ctx-header": ([span]) => [
    {
      ...span!,
      parentSpanId: "4551132b138ed8d9",
      references: [[0, "00000000000000003f802298b621e031", "4551132b138ed8d9"]],
    },
  ],
};

/** What the sidecar has to report for a request, from what 0.10 reported. */
export function expectedSpans({ name, spans }: GoldenRequest): Shape[] {
  const correct = CORRECTIONS[name] ?? ((same) => same);
  return correct(spans).map((span) => ({ ...span, tags: expectedTags(span, MAPPED_TAGS[name] ?? []) }));
}

function expectedTags(span: Shape, mapped: readonly Tag[]): Tag[] {
  return span.tags.flatMap(([key, value]): Tag[] => {
    // 0.10 had the text "true", from which today's back ends conclude nothing.
    if (key === "error") return [[key, true]];
    if (key === "span.kind") return [...mapped, [key, value]];
    // 0.10 did not say how it had found the parent.
    if (key === "http.request_id")
      return [
        [key, value],
        ["netramesh.parent", parentSource(span)],
      ];
    return [[key, value]];
  });
}

/** Only the calls of the application come without a context: it copies the request id. */
function parentSource({ parentSpanId, tags }: Shape): string {
  if (parentSpanId === NO_PARENT) return "none";
  return tags.some(([key, value]) => key === "span.kind" && value === "client") ? "request_id" : "uber";
}

function changed(span: Shape, values: Readonly<Record<string, unknown>>): Shape {
  return { ...span, tags: span.tags.map(([key, value]) => [key, key in values ? values[key] : value]) };
}
