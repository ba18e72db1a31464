import type { Span } from "./jaeger-batch.ts";
import type { Answer, Order, Step } from "./requests.ts";
import type { Trace, TraceNode } from "./trace.ts";

/** An order, and how often it was sent through the mesh. */
export interface Sent {
  readonly order: Order;
  readonly times: number;
}

/** Everything that is wrong with `traces`, one sentence each; empty if each request left exactly its trace. */
export function traceFaults(traces: readonly Trace[], sent: readonly Sent[]): string[] {
  const orders = new Map(sent.map(({ order }) => [order.path, order]));
  return [
    ...traces.flatMap((trace) => faultsOf(trace, orders)),
    ...sent.flatMap((s) => countFaults(traces, s)),
  ];
}

/** Whether the customer got the status the chain should give. */
export function answerFaults(order: Order, answers: readonly Answer[]): string[] {
  const expected = order.steps[0]!.status;
  return answers
    .filter(({ status }) => status !== expected)
    .map(({ status }) => `${order.path} answered ${status} instead of ${expected}`);
}

function countFaults(traces: readonly Trace[], { order, times }: Sent): string[] {
  const found = traces.filter((trace) => trace.roots[0]?.span.operation === order.path).length;
  return found === times ? [] : [`${order.path}: ${times} requests, but ${found} traces that begin with it`];
}

function faultsOf(trace: Trace, orders: ReadonlyMap<string, Order>): string[] {
  const fault = shapeFault(trace) ?? orderFault(trace.roots[0]!, orders);
  return fault === null ? [] : [`trace ${trace.id}: ${fault}`];
}

function shapeFault({ roots, orphans }: Trace): string | null {
  if (roots.length !== 1) return `${roots.length} roots instead of one`;
  const [orphan] = orphans;
  return orphan ? `the parent of ${describe(orphan.span)} is missing` : null;
}

function orderFault(root: TraceNode, orders: ReadonlyMap<string, Order>): string | null {
  const order = orders.get(root.span.operation);
  if (!order) return `it begins with ${root.span.operation}, which nobody asked for`;
  return chainFault([root], order.steps);
}

/** Each step of the chain must have the next as its only child. */
function chainFault(nodes: readonly TraceNode[], steps: readonly Step[]): string | null {
  const [step, ...next] = steps;
  const [node] = nodes;
  if (nodes.length > 1) return `${nodes.map(({ span }) => describe(span)).join(" and ")} are siblings`;
  if (!step) return node ? `one span too many, ${describe(node.span)}` : null;
  if (!node) return `the ${step.service} ${step.kind} span is missing`;
  return stepFault(node.span, step) ?? chainFault(node.children, next);
}

function stepFault(span: Span, { service, kind, status, tie }: Step): string | null {
  const wanted = `${service} ${kind} with status ${status}`;
  const found = `${span.service} ${span.tags.get("span.kind")} with status ${span.tags.get("http.status_code")}`;
  if (found !== wanted) return `${found} where ${wanted} should be`;
  const tied = span.tags.get("netramesh.parent");
  if (tied !== tie) return `${describe(span)} was tied to its parent by ${tied} instead of ${tie}`;
  const failed = span.tags.get("error") === true;
  return failed === status >= 500 ? null : `${describe(span)} has status ${status} and error ${failed}`;
}

function describe({ service, operation }: Span): string {
  return `${service} ${operation}`;
}
