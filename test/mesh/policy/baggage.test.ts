import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { apply } from "./apply.ts";
import { tracing } from "./tracing.ts";

/** What is inserted behind `lines`, the context aside. */
function baggage(lines: string): string {
  const { fields } = apply(tracing({ sampled: false }).policy, { lines });
  expect(fields).toStartWith(lines);
  return fields.slice(lines.length).replace(/^uber-trace-id: .*\r\n/, "");
}

describe("jaeger-baggage goes on as uberctx- headers, and stays:", () => {
  // biome-ignore format: one row a line
  test.each([
    ["one item", "jaeger-baggage: k=v\r\n", "uberctx-k: v\r\n"],
    ["several, with spaces", "Jaeger-Baggage: k1=v1, k2 =v2\r\n", "uberctx-k1: v1\r\nuberctx-k2: v2\r\n"],
    ["keys are lower case", "jaeger-baggage: User=Ann\r\n", "uberctx-user: Ann\r\n"],
    ["values are unescaped, then escaped", "jaeger-baggage: k=a%20b+c%25\r\n", "uberctx-k: a%20b%20c%25\r\n"],
    ["what is not ASCII is escaped as UTF-8", `jaeger-baggage: k=${Buffer.from("é").toString("latin1")}\r\n`, "uberctx-k: %C3%A9\r\n"],
    ["an escape that is none is kept", "jaeger-baggage: k=50%\r\n", "uberctx-k: 50%25\r\n"],
    ["an empty value", "jaeger-baggage: k=\r\n", "uberctx-k: \r\n"],
    ["items that are none are skipped", "jaeger-baggage: a, =b, c=d=e, f g=h, i=j\r\n", "uberctx-i: j\r\n"],
    ["an escaped line end makes no line", "jaeger-baggage: k=v%0D%0AEvil:%20yes\r\n", "uberctx-k: v%0D%0AEvil%3A%20yes\r\n"],
    ["several fields", "jaeger-baggage: a=1\r\njaeger-baggage: b=2\r\n", "uberctx-a: 1\r\nuberctx-b: 2\r\n"],
    ["what is there already stays as it is", "uberctx-k: old\r\njaeger-baggage: k=new\r\n", ""],
    ["nothing", "jaeger-baggage:\r\n", ""],
  ])("%s", (_label, lines, inserted) => {
    expect(baggage(lines)).toBe(inserted);
  });
});

test("received baggage headers pass untouched", () => {
  expect(baggage("uberctx-a: 1%202\r\nUberctx-B: x+y\r\n")).toBe("");
});

test("a peer cannot make a head grow without bounds", () => {
  const many = Array.from({ length: 1000 }, (_, i) => `k${i}=v`).join(",");
  expect(baggage(`jaeger-baggage: ${many}\r\n`).split("\r\n").length - 1).toBe(64);
  const lines = ["a", "b"].map((field) => `jaeger-baggage: ${many.replaceAll("k", field)}\r\n`).join("");
  expect(baggage(lines).split("\r\n").length - 1).toBe(64);
  const long = `k1=${"x".repeat(5000)},k2=${"x".repeat(5000)}`;
  expect(baggage(`jaeger-baggage: ${long}\r\n`)).toBe(`uberctx-k1: ${"x".repeat(5000)}\r\n`);
});

test("an ignored path gets no baggage", () => {
  const lines = "jaeger-baggage: k=v\r\n";
  expect(apply(tracing().policy, { lines, ignored: true }).fields).toBe(lines);
});

test("hostile baggage never makes anything but whole, clean lines", () => {
  const pieces = fc.array(
    fc.constantFrom("k", "=", ",", "%0A", "%0d", "%", ":", " ", "\t", "\x80", "\xff", "+", "%C3", '"', ";"),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const value = parts.join("").trim();
      expect(baggage(`jaeger-baggage: ${value}\r\n`)).toMatch(/^(uberctx-[!-9;-~]+: [!-~]*\r\n)*$/);
    }),
    { numRuns: 500 },
  );
});
