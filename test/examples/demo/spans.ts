import type { Span, TagValue } from "../../../examples/demo/jaeger-batch.ts";

/** A span for tests: what a row does not say is plain. */
export function span(
  fields: Partial<Span> & { readonly status?: number; readonly kind?: string; readonly tie?: string },
): Span {
  const { status = 200, kind = "server", tie = "none", ...own } = fields;
  const tags = new Map<string, TagValue>([
    ["span.kind", kind],
    ["http.status_code", status],
    ["netramesh.parent", tie],
  ]);
  if (status >= 500) tags.set("error", true);
  const plain = { service: "front", traceId: "7".repeat(16), spanId: "1", parentId: null, operation: "/" };
  return { ...plain, startUs: 0, durationUs: 1000, tags, ...own };
}

/** The seven spans one order must leave, as a whole trace; `item` and `shelf` as in the demo's orders. */
export function orderSpans(item: string, shelf = 200, traceId = "7".repeat(16)): Span[] {
  const above = shelf === 200 ? 200 : 502;
  const rows: [string, string, string, number, string][] = [
    ["front", "server", `/order/${item}`, above, "none"],
    ["front", "client", `cart/reserve/${item}`, above, "traceparent"],
    ["cart", "server", `/reserve/${item}`, above, "uber"],
    ["cart", "client", `stock/pick/${item}`, above, "b3"],
    ["stock", "server", `/pick/${item}`, above, "uber"],
    ["stock", "client", `shelf/take/${item}`, shelf, "request_id"],
    ["shelf", "server", `/take/${item}`, shelf, "uber"],
  ];
  return rows.map(([service, kind, operation, status, tie], i) =>
    span({
      ...{ traceId, service, kind, operation, status, tie, startUs: i, durationUs: 7000 - 1000 * i },
      ...{ spanId: `${i + 1}`, parentId: i === 0 ? null : `${i}` },
    }),
  );
}
