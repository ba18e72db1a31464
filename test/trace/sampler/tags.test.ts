import { describe, expect, test } from "bun:test";
import { SamplerTags } from "../../../src/trace/sampler/tags.ts";
import { Span } from "../../../src/trace/span.ts";
import { constantText, tagKey } from "../../../src/trace/tag.ts";
import { decoded } from "../support/encode.ts";
import { ANY } from "./sampling.ts";

describe("a recorded trace says why:", () => {
  test.each<[ConstructorParameters<typeof SamplerTags>[0], number | boolean]>([
    ["const", true],
    ["probabilistic", 0.1],
    ["ratelimiting", 2],
    ["lowerbound", 0.001],
  ])("%s, %p", (type, param) => {
    const span = new Span();
    span.start(ANY, null, 1);
    new SamplerTags(type, param).writeTo(span);
    expect(decoded(span)[0]!.tags).toEqual([
      ["sampler.type", type],
      ["sampler.param", param],
    ]);
  });
});

test("parameters that a server keeps changing leave nothing behind in the table of constant tags", () => {
  const probe = tagKey("probe");
  const before = constantText(probe, "before").id;
  for (let i = 0; i < 1000; i++) new SamplerTags("probabilistic", i / 1000);
  expect(constantText(probe, "after").id).toBe(before + 1);
});
