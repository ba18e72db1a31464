import { describe, expect, test } from "bun:test";
import { KernelError } from "../../ffi/netlink.ts";
import {
  type Attribute,
  be32,
  decodeMessages,
  encodeRequests,
  type Message,
} from "../../ffi/netlink-codec.ts";
import { parseInitConfig } from "../../init/config.ts";
import { difference } from "../../init/nft-compare.ts";
import { applySteps, type Step } from "../../init/nft-messages.ts";
import { OurTables } from "../../init/nft-tables.ts";
import { disabledPlan, makePlan } from "../../init/plan.ts";
import { FakeKernel } from "./fake-kernel.ts";

const parsed = parseInitConfig({ NETRA_INBOUND_PROBABILITY: "0.5", OUTBOUND_INTERCEPT_PORTS: "80-90" });
if ("problems" in parsed) throw new Error("this configuration is valid");
const steps = applySteps(makePlan(parsed.config, "pod"), ["inet"]);

/** What a kernel would dump after these steps. */
function dumped(from: readonly Step[]): Message[] {
  return decodeMessages(
    encodeRequests(
      from.map((step) => step.request),
      1,
    ),
  );
}

function compare(kernel: Message[]): string | null {
  const fake = new FakeKernel();
  fake.messages = kernel;
  const tables = OurTables.read(fake);
  if (tables instanceof KernelError) throw new Error("this kernel answers");
  return difference(steps, "inet", tables);
}

function leaves(attributes: readonly Attribute[]): Uint8Array[] {
  return attributes.flatMap(({ value }) => (value instanceof Uint8Array ? [value] : leaves(value)));
}

/** The steps with the attributes of the last rule's first expression replaced. */
function withExpression(change: (attributes: readonly Attribute[]) => readonly Attribute[]): Step[] {
  const copy = structuredClone(steps) as Step[];
  const rule = copy.at(-2)!;
  const expressions = rule.request.attributes.find(({ type }) => type === 4)!;
  Object.assign(expressions, { value: change(expressions.value as Attribute[]) });
  return copy;
}

describe("the difference between what was sent and what the kernel has", () => {
  test("is none for the same chains and rules", () => {
    expect(compare(dumped(steps))).toBeNull();
  });

  test("is found for every byte of every chain and rule", () => {
    const kernel = structuredClone(steps) as Step[];
    const created = kernel.filter(({ request }) => request.type === 0xa03 || request.type === 0xa06);
    for (const bytes of created.flatMap((step) => leaves(step.request.attributes))) {
      for (let i = 0; i < bytes.length; i++) {
        bytes[i]! ^= 1;
        expect(compare(dumped(kernel))).not.toBeNull();
        bytes[i]! ^= 1;
      }
    }
  });

  test("is none for attributes that the kernel adds and for another order of types", () => {
    const handle = { type: 3, value: be32(7) };
    const added = steps.map((step) => {
      const attributes = [handle, ...step.request.attributes].toReversed();
      return step.request.type === 0xa06 ? { ...step, request: { ...step.request, attributes } } : step;
    });
    expect(compare(dumped(added))).toBeNull();
  });

  test("is none for a mark of unconfirmed rules", () => {
    const marked = applySteps(makePlan(parsed.config, "pod"), ["inet"], "00ff");
    expect(compare(dumped(marked))).toBeNull();
  });

  test("ignores other families", () => {
    expect(compare([...dumped(applySteps(disabledPlan(), ["ip", "ip6"])), ...dumped(steps)])).toBeNull();
  });

  test("ignores other tables", () => {
    const kernel = dumped(steps);
    const foreign = structuredClone(steps) as Step[];
    for (const step of foreign) for (const name of leaves(step.request.attributes.slice(0, 1))) name[0]! ^= 1;
    expect(compare([...dumped(foreign), ...kernel])).toBeNull();
  });

  test.each<[string, (attributes: readonly Attribute[]) => readonly Attribute[]]>([
    ["one expression less", (expressions) => expressions.slice(1)],
    ["one expression more", (expressions) => [...expressions, expressions[0]!]],
    ["expressions in another order", (expressions) => expressions.toReversed()],
    ["no expression", () => []],
  ])("is found for %s", (_, change) => {
    expect(compare(dumped(withExpression(change)))).toStartWith(
      "the kernel has something else than was to add to chain output",
    );
  });

  test("is found for a table that was switched off", () => {
    const dormant = structuredClone(steps) as Step[];
    for (const { request } of dormant) {
      const flags = request.type === 0xa00 && request.attributes.find(({ type }) => type === 2);
      if (flags) Object.assign(flags, { value: be32(1) });
    }
    expect(compare(dumped(dormant))).toBe("the table is dormant: its rules are not in force");
  });
});
