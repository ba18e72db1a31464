import { describe, expect, test } from "bun:test";
import { newParentCounters } from "../../../src/mesh/policy/parent.ts";
import type { Direction } from "../../../src/proxy/handler.ts";
import { formatJaeger } from "../../../src/trace/jaeger.ts";
import type { Propagator } from "../../../src/trace/propagation.ts";
import { apply } from "./apply.ts";
import { ROOT, tracing } from "./tracing.ts";

/** Ids of what came with a request, and what the first new ids are: a child's span, a root's trace and span. */
const TRACE = "000000000000000a000000000000000b";
const OTHER = "000000000000000c000000000000000d";
const SPAN = "00000000000000aa";
const OWN = "00000000000000bb";
const NEW = "0000000100000002";
const NONE = "0".repeat(16);

const uber = (trace: string, span: string, flags: string, parent = NONE) =>
  `uber-trace-id: ${trace}:${span}:${parent}:${flags}\r\n`;
const w3c = (trace: string, span: string, flags: string) =>
  `traceparent: 00-${trace.padStart(32, "0")}-${span}-${flags}\r\n`;
const b3 = (trace: string, span: string, rest = "") => `b3: ${trace}-${span}${rest}\r\n`;
const multi = (trace: string, span: string, sampled?: string, parent?: string) =>
  `X-B3-TraceId: ${trace}\r\nX-B3-SpanId: ${span}\r\n` +
  (parent ? `X-B3-ParentSpanId: ${parent}\r\n` : "") +
  (sampled ? `X-B3-Sampled: ${sampled}\r\n` : "");

const UBER_CHILD = uber(TRACE, NEW, "1", SPAN);
const W3C_CHILD = w3c(TRACE, NEW, "01");

describe("what leaves, by what came, with the default list jaeger,tracecontext", () => {
  // biome-ignore format: one row a line
  test.each<[label: string, sampled: boolean, before: string, after: string]>([
    ["nothing, sampled: both formats", true, "", `uber-trace-id: ${ROOT}:1\r\n${w3c(NEW, NEW, "03")}`],
    ["nothing, unsampled: Jaeger's alone, which switches no application's tracing off", false, "", `uber-trace-id: ${ROOT}:0\r\n`],
    ["uber-trace-id: its child in both", false, uber(TRACE, SPAN, "1"), UBER_CHILD + W3C_CHILD],
    ["uber-trace-id, unsampled: known to Jaeger's clients only, so it stays there", true, uber(TRACE, SPAN, "0"), uber(TRACE, NEW, "0", SPAN)],
    ["traceparent: its child in both", false, w3c(TRACE, SPAN, "01"), W3C_CHILD + UBER_CHILD],
    ["traceparent, unsampled: stays unsampled in both", true, w3c(TRACE, SPAN, "00"), w3c(TRACE, NEW, "00") + uber(TRACE, NEW, "0", SPAN)],
    ["both, unsampled: others know the trace, so both go on", true, uber(TRACE, SPAN, "0") + w3c(TRACE, SPAN, "00"), uber(TRACE, NEW, "0", SPAN) + w3c(TRACE, NEW, "00")],
    ["traceparent with a random trace id: says so again", false, w3c(TRACE, SPAN, "03"), w3c(TRACE, NEW, "03") + UBER_CHILD],
    ["both, same trace: the first in the list is the parent", false, w3c(TRACE, OWN, "01") + uber(TRACE, SPAN, "1"), W3C_CHILD + UBER_CHILD],
    ["both, two traces: the first in the list overwrites the other", false, w3c(OTHER, OWN, "01") + uber(TRACE, SPAN, "1"), W3C_CHILD + UBER_CHILD],
    ["an invalid uber-trace-id: the next format counts, one is left", false, `uber-trace-id: nonsense\r\n${w3c(TRACE, SPAN, "01")}`, UBER_CHILD + W3C_CHILD],
    ["several uber-trace-id: the first valid one counts, one is left", false, `Uber-Trace-Id: zz\r\nA: b\r\n${uber(TRACE, SPAN, "1")}${uber(OTHER, OWN, "1")}`, `Uber-Trace-Id: ${TRACE}:${NEW}:${SPAN}:1\r\nA: b\r\n${W3C_CHILD}`],
    ["uber-trace-id on the line after its name: replaced there", false, `Uber-Trace-Id:\r\n\t${TRACE}:${SPAN}:0:1\r\n`, `Uber-Trace-Id:\r\n\t${TRACE}:${NEW}:${SPAN}:1\r\n${W3C_CHILD}`],
    ["two traceparents: none of them", false, w3c(TRACE, SPAN, "01") + w3c(OTHER, OWN, "01"), `uber-trace-id: ${ROOT}:0\r\n`],
    ["an invalid traceparent and unsampled: it goes, with its state", false, `traceparent: nonsense\r\ntracestate: a=b\r\n`, `uber-trace-id: ${ROOT}:0\r\n`],
    ["an invalid traceparent and sampled: replaced, its state goes", true, `traceparent: nonsense\r\ntracestate: a=b\r\n`, `${w3c(NEW, NEW, "03")}uber-trace-id: ${ROOT}:1\r\n`],
    ["tracestate: passes as it came, in as many fields", false, `${w3c(TRACE, SPAN, "01")}tracestate: a=b\r\nTraceState: c=d\r\n`, `${W3C_CHILD}tracestate: a=b\r\nTraceState: c=d\r\n${UBER_CHILD}`],
    ["tracestate of the same trace as uber-trace-id: passes too", false, `${uber(TRACE, SPAN, "1")}${w3c(TRACE, SPAN, "01")}tracestate: a=b\r\n`, `${UBER_CHILD}${W3C_CHILD}tracestate: a=b\r\n`],
    ["tracestate of another trace: goes", false, `${uber(TRACE, SPAN, "1")}${w3c(OTHER, SPAN, "01")}tracestate: a=b\r\n`, UBER_CHILD + W3C_CHILD],
    ["tracestate without traceparent: goes where a traceparent comes", false, `${uber(TRACE, SPAN, "1")}tracestate: a=b\r\n`, UBER_CHILD + W3C_CHILD],
    ["b3: its child there and in the listed", false, b3(TRACE, SPAN, "-1"), b3(TRACE, NEW, `-1-${SPAN}`) + UBER_CHILD + W3C_CHILD],
    ["b3 of 64 bits", false, b3(OWN, SPAN, "-1"), `${b3(OWN, NEW, `-1-${SPAN}`)}${uber(OWN, NEW, "1", SPAN)}${w3c(OWN, NEW, "01")}`],
    ["b3 denied: stays denied everywhere", true, b3(TRACE, SPAN, "-0"), b3(TRACE, NEW, `-0-${SPAN}`) + uber(TRACE, NEW, "0", SPAN) + w3c(TRACE, NEW, "00")],
    ["b3 debug: debug where it can be said", false, b3(TRACE, SPAN, "-d"), b3(TRACE, NEW, `-d-${SPAN}`) + uber(TRACE, NEW, "3", SPAN) + W3C_CHILD],
    ["b3 left open, our sampler says yes", true, b3(TRACE, SPAN), b3(TRACE, NEW, `-1-${SPAN}`) + UBER_CHILD + W3C_CHILD],
    ["b3 left open, our sampler says no: left open for the next", false, b3(TRACE, SPAN), b3(TRACE, SPAN) + uber(TRACE, NEW, "0", SPAN)],
    ["b3 that only denies", true, "b3: 0\r\n", `${b3(NEW, NEW, "-0")}uber-trace-id: ${ROOT}:0\r\n${w3c(NEW, NEW, "02")}`],
    ["b3 that only accepts", false, "b3: 1\r\n", `${b3(NEW, NEW, "-1")}uber-trace-id: ${ROOT}:1\r\n${w3c(NEW, NEW, "03")}`],
    ["two decisions: the single header's counts", true, "b3: 0\r\nX-B3-Sampled: 1\r\n", `${b3(NEW, NEW, "-0")}X-B3-Sampled: 0\r\nuber-trace-id: ${ROOT}:0\r\n${w3c(NEW, NEW, "02")}X-B3-TraceId: ${NEW}\r\nX-B3-SpanId: ${NEW}\r\n`],
    ["an invalid b3, unsampled: goes", false, "b3: nonsense\r\n", `uber-trace-id: ${ROOT}:0\r\n`],
    ["several b3: the first valid one counts, one is left", false, `b3: zz\r\n${b3(TRACE, SPAN, "-1")}`, b3(TRACE, NEW, `-1-${SPAN}`) + UBER_CHILD + W3C_CHILD],
    ["X-B3: its child there and in the listed", false, multi(TRACE, SPAN, "1", OWN), `${multi(TRACE, NEW, undefined, SPAN)}X-B3-Sampled: 1\r\n${UBER_CHILD}${W3C_CHILD}`],
    ["X-B3 with words of old tracers", false, multi(TRACE, SPAN, "true"), `${multi(TRACE, NEW, "1")}${UBER_CHILD}${W3C_CHILD}X-B3-ParentSpanId: ${SPAN}\r\n`],
    ["X-B3 debug: no second decision", false, `${multi(TRACE, SPAN, "1", OWN)}X-B3-Flags: 1\r\n`, `${multi(TRACE, NEW, undefined, SPAN)}X-B3-Flags: 1\r\n${uber(TRACE, NEW, "3", SPAN)}${W3C_CHILD}`],
    ["X-B3 that only denies", true, "X-B3-Sampled: 0\r\n", `X-B3-Sampled: 0\r\nuber-trace-id: ${ROOT}:0\r\n${w3c(NEW, NEW, "02")}X-B3-TraceId: ${NEW}\r\nX-B3-SpanId: ${NEW}\r\n`],
    ["X-B3 without a span id, unsampled: all of it goes", false, `X-B3-TraceId: ${TRACE}\r\nX-B3-Sampled: 1\r\nX-B3-ParentSpanId: ${OWN}\r\nX-B3-Flags: 0\r\n`, `uber-trace-id: ${ROOT}:0\r\n`],
    ["X-B3 with a parent that is none, unsampled: all of it goes", false, multi(TRACE, SPAN, "1", "zz"), `uber-trace-id: ${ROOT}:0\r\n`],
    ["X-B3 with a decision that is none, unsampled: all of it goes", false, multi(TRACE, SPAN, "d"), `uber-trace-id: ${ROOT}:0\r\n`],
    ["both B3: the single header is the parent", false, multi(OTHER, OWN, "1") + b3(TRACE, SPAN, "-1"), `${multi(TRACE, NEW, "1")}${b3(TRACE, NEW, `-1-${SPAN}`)}${UBER_CHILD}${W3C_CHILD}X-B3-ParentSpanId: ${SPAN}\r\n`],
  ])("%s", (_label, sampled, lines, after) => {
    expect(sorted(apply(tracing({ sampled }).policy, { lines }).fields)).toEqual(sorted(after));
  });
});

/** The lines in an order that does not depend on where new ones are put. */
function sorted(lines: string): string[] {
  return lines.split("\r\n").toSorted();
}

describe("other lists", () => {
  // biome-ignore format: one row a line
  test.each<[label: string, list: Propagator[], before: string, after: string]>([
    ["tracecontext alone does not add uber-trace-id", ["tracecontext"], w3c(TRACE, SPAN, "01"), W3C_CHILD],
    ["but keeps one up to date that came", ["tracecontext"], uber(TRACE, SPAN, "1"), UBER_CHILD + W3C_CHILD],
    ["the order decides between two traces", ["tracecontext", "jaeger"], uber(OTHER, OWN, "1") + w3c(TRACE, SPAN, "01"), UBER_CHILD + W3C_CHILD],
    ["b3 and b3multi", ["b3", "b3multi"], w3c(TRACE, SPAN, "01"), W3C_CHILD + b3(TRACE, NEW, `-1-${SPAN}`) + multi(TRACE, NEW, "1", SPAN)],
    ["listed b3multi is believed before unlisted b3", ["b3multi"], b3(OTHER, OWN, "-1") + multi(TRACE, SPAN, "1"), b3(TRACE, NEW, `-1-${SPAN}`) + multi(TRACE, NEW, "1", SPAN)],
    ["none adds nothing", [], "", ""],
    ["none keeps up to date what came", [], w3c(TRACE, SPAN, "01"), W3C_CHILD],
  ])("%s", (_label, propagators, lines, after) => {
    expect(sorted(apply(tracing({ propagators }).policy, { lines }).fields)).toEqual(sorted(after));
  });

  test.each([
    ["1", false],
    ["0", true],
  ])("what b3 leaves open another format may decide: %s", (flags, sampled) => {
    const { policy } = tracing({ propagators: ["b3"], sampled });
    const lines = b3(TRACE, SPAN) + uber(TRACE, SPAN, flags);
    const { exchange } = apply(policy, { lines });
    expect([exchange.parentSource, formatJaeger(exchange.context).slice(-1)]).toEqual(["b3", flags]);
  });

  test("a wide root has 128 bits in every format", () => {
    const { policy } = tracing({ wide: true, propagators: ["jaeger", "tracecontext", "b3"] });
    const trace = "00000003000000040000000100000002";
    expect(apply(policy, {}).fields).toBe(
      uber(trace, NEW, "1") + w3c(trace, NEW, "03") + b3(trace, NEW, "-1"),
    );
  });
});

describe("an application that copies what it was told", () => {
  /** Its inbound request had this context and no other; it was told TRACE and NEW, in the formats of the list. */
  function pod(propagators: Propagator[] = ["jaeger", "tracecontext"], sampled = true) {
    const setting = tracing({ propagators, sampled });
    apply(setting.policy, { requestId: "r", lines: b3(TRACE, SPAN, "-1") });
    return setting.policy;
  }
  /** Span ids in the order in which they are drawn: what the application was told, what an outbound child gets. */
  const TOLD = NEW;

  // biome-ignore format: one row a line
  test.each<[label: string, lines: string, parent: string]>([
    ["a copy, and its own span in traceparent", uber(TRACE, TOLD, "1") + w3c(TRACE, OWN, "01"), OWN],
    ["a copy of traceparent, and its own span in uber-trace-id", uber(TRACE, OWN, "1") + w3c(TRACE, TOLD, "01"), OWN],
    ["copies, and its own span in b3", uber(TRACE, TOLD, "1") + w3c(TRACE, TOLD, "01") + b3(TRACE, OWN, "-1"), OWN],
    ["nothing but copies", uber(TRACE, TOLD, "1") + w3c(TRACE, TOLD, "01"), TOLD],
    ["two spans of which none is a copy: traceparent", uber(TRACE, SPAN, "1") + w3c(TRACE, OWN, "01"), OWN],
    ["a copy, and another trace: list order", uber(TRACE, TOLD, "1") + w3c(OTHER, OWN, "01"), TOLD],
  ])("%s", (_label, lines, parent) => {
    const { fields, exchange } = apply(pod(), { direction: "outbound", requestId: "r", lines });
    expect(formatJaeger(exchange.parent)).toStartWith(`${TRACE}:${parent}:`);
    expect(fields).toContain(uber(TRACE, "0000000300000004", "1", parent));
    expect(fields).toContain(w3c(TRACE, "0000000300000004", "01"));
  });

  test("without its request id traceparent is believed to be its own", () => {
    const lines = uber(TRACE, TOLD, "1") + w3c(TRACE, OWN, "01");
    const { exchange } = apply(pod(), { direction: "outbound", requestId: "other", lines });
    expect(formatJaeger(exchange.parent)).toStartWith(`${TRACE}:${OWN}:`);
  });

  test("debug, which traceparent cannot say, is not lost", () => {
    const { policy } = tracing();
    apply(policy, { requestId: "r", lines: uber(TRACE, SPAN, "3") });
    const lines = uber(TRACE, TOLD, "3") + w3c(TRACE, OWN, "01");
    const { exchange } = apply(policy, { direction: "outbound", requestId: "r", lines });
    expect(formatJaeger(exchange.context)).toBe(`${TRACE}:0000000300000004:${OWN}:3`);
  });

  test("a trace that it began itself is not replaced by our unsampled root", () => {
    const { policy } = tracing({ sampled: false });
    apply(policy, { requestId: "r" });
    const lines = `uber-trace-id: ${ROOT}:0\r\n${w3c(TRACE, OWN, "01")}`;
    const { fields } = apply(policy, { direction: "outbound", requestId: "r", lines });
    expect(fields).toBe(uber(TRACE, "0000000300000004", "1", OWN) + w3c(TRACE, "0000000300000004", "01"));
  });

  test("where both name the same span, the first in the list is the source", () => {
    const lines = uber(TRACE, OWN, "1") + w3c(TRACE, OWN, "01");
    expect(apply(pod(), { direction: "outbound", requestId: "r", lines }).exchange.parentSource).toBe("uber");
  });

  test("inbound nothing is guessed: the first in the list counts", () => {
    const lines = uber(TRACE, SPAN, "1") + w3c(TRACE, OWN, "01");
    expect(formatJaeger(apply(pod(), { requestId: "r", lines }).exchange.parent)).toStartWith(
      `${TRACE}:${SPAN}:`,
    );
  });
});

test.each([
  ["b3: 0\r\n", true, "0", "00", "-0"],
  ["b3: 1\r\n", false, "1", "01", "-1"],
  ["b3: d\r\n", true, "3", "01", "-d"],
])(
  "%s decides for the trace that the request id tells, too",
  (lines, sampled, jaeger, traceparent, state) => {
    const { policy } = tracing({ sampled, propagators: ["jaeger", "tracecontext", "b3"] });
    apply(policy, { requestId: "r", lines: sampled ? b3(TRACE, SPAN, "-1") : b3(TRACE, SPAN, "-0") });
    const { fields } = apply(policy, { direction: "outbound", requestId: "r", lines });
    const [span, parent] = ["0000000300000004", NEW];
    expect(sorted(fields)).toEqual(
      sorted(
        uber(TRACE, span, jaeger, parent) +
          w3c(TRACE, span, traceparent) +
          b3(TRACE, span, `${state}-${parent}`),
      ),
    );
  },
);

describe("an unsampled root of ours, from hop to hop", () => {
  test("never reaches another format, though it continues in Jaeger's", () => {
    const first = tracing({ sampled: false }).policy;
    const inbound = apply(first, { requestId: "r" }).fields;
    expect(inbound).toBe(`uber-trace-id: ${ROOT}:0\r\n`);
    const outbound = apply(first, { direction: "outbound", requestId: "r" }).fields;
    expect(outbound).toBe(uber(NEW, "0000000300000004", "0", NEW));
    const second = tracing({ sampled: true }).policy;
    expect(apply(second, { requestId: "r", lines: outbound }).fields).toBe(
      uber(NEW, NEW, "0", "0000000300000004"),
    );
  });

  test("with tracecontext alone nothing leaves", () => {
    const { policy } = tracing({ sampled: false, propagators: ["tracecontext"] });
    expect(apply(policy, { requestId: "r" }).fields).toBe("");
    expect(apply(policy, { direction: "outbound", requestId: "r" }).fields).toBe("");
  });

  test("an unsampled trace of others is told again by its request id", () => {
    const { policy } = tracing();
    policy.ended(apply(policy, { requestId: "r", lines: w3c(TRACE, SPAN, "00") }).exchange);
    expect(apply(policy, { direction: "outbound", requestId: "r" }).fields).toBe(
      uber(TRACE, "0000000300000004", "0", NEW) + w3c(TRACE, "0000000300000004", "00"),
    );
  });
});

describe("the parent's source", () => {
  // biome-ignore format: one row a line
  test.each<[string, Direction, lines: string]>([
    ["uber", "inbound", uber(TRACE, SPAN, "1")],
    ["traceparent", "inbound", w3c(TRACE, SPAN, "01")],
    ["b3", "outbound", b3(TRACE, SPAN, "-1")],
    ["b3", "outbound", multi(TRACE, SPAN, "1")],
    ["none", "inbound", ""],
    ["none", "outbound", "uber-trace-id: nonsense\r\n"],
  ])("is %s, %s", (source, direction, lines) => {
    const { policy } = tracing();
    expect(apply(policy, { direction, lines }).exchange.parentSource).toBe(source as never);
    const counted = Object.entries(policy.parents[direction]).filter(([, count]) => count > 0);
    expect(counted).toEqual([[source, 1]]);
  });

  test("counts nowhere for ignored paths", () => {
    const { policy } = tracing();
    apply(policy, { ignored: true });
    expect(policy.parents.inbound).toEqual(newParentCounters().inbound);
  });
});

describe("what one request said is forgotten with the next:", () => {
  // biome-ignore format: one row a line
  test.each([
    ["that others know the trace", uber(TRACE, SPAN, "0") + w3c(TRACE, SPAN, "00"), uber(TRACE, SPAN, "0")],
    ["a decision", "b3: 1\r\n", ""],
    ["a parent's parent", multi(TRACE, SPAN, "1", TRACE.replaceAll("0", "9").slice(16)), multi(TRACE, SPAN, "1")],
    ["a state", b3(TRACE, SPAN, "-1"), b3(TRACE, SPAN)],
  ])("%s", (_label, first, second) => {
    const used = tracing({ sampled: false });
    apply(used.policy, { lines: first });
    const fresh = tracing({ sampled: false });
    apply(fresh.policy, {});
    const got = apply(used.policy, { lines: second });
    const expected = apply(fresh.policy, { lines: second });
    expect(got.fields).toBe(expected.fields);
    expect(got.exchange.parent).toEqual(expected.exchange.parent);
  });
});

describe("a debug id", () => {
  test("forces a trace, but not over a context", () => {
    const { policy } = tracing({ sampled: false });
    const forced = apply(policy, { lines: "jaeger-debug-id: why\r\n" });
    expect(forced.fields).toBe(`jaeger-debug-id: why\r\nuber-trace-id: ${ROOT}:3\r\n${w3c(NEW, NEW, "03")}`);
    expect(forced.exchange.debugId).toBe("why");
    const context = apply(policy, { lines: `jaeger-debug-id: why\r\n${uber(TRACE, SPAN, "0")}` });
    expect(context.exchange.context.flags).toBe(0);
  });

  test("forces nothing when it is empty", () => {
    const { policy } = tracing({ sampled: false });
    expect(apply(policy, { lines: "jaeger-debug-id:\r\n" }).exchange.context.flags).toBe(0);
  });
});

describe("an ignored path", () => {
  const both = uber(TRACE, SPAN, "1") + w3c(OTHER, OWN, "01");

  test("leaves a received context alone", () => {
    const { policy } = tracing();
    expect(apply(policy, { ignored: true, lines: both }).fields).toBe(both);
    expect(apply(policy, { direction: "outbound", ignored: true, lines: both }).fields).toBe(both);
  });

  test("leaves a received decision alone, whatever the request id tells", () => {
    const { policy } = tracing();
    apply(policy, { requestId: "r" });
    const outbound = apply(policy, {
      direction: "outbound",
      requestId: "r",
      ignored: true,
      lines: "b3: 0\r\n",
    });
    expect(outbound.fields).toBe("b3: 0\r\n");
  });

  test("gets no context inbound, and what is remembered outbound", () => {
    const { policy } = tracing();
    const { exchange } = apply(policy, { requestId: "r" });
    expect(apply(policy, { requestId: "r", ignored: true }).fields).toBe("");
    const outbound = apply(policy, { direction: "outbound", requestId: "r", ignored: true });
    expect(outbound.fields).toBe(
      `uber-trace-id: ${formatJaeger(exchange.context)}\r\n${w3c(NEW, NEW, "03")}`,
    );
    expect(outbound.exchange.traced).toBe(false);
  });
});
