import { describe, expect, test } from "bun:test";
import { BinaryBatch } from "../../../src/trace/thrift/binary.ts";
import { recordGolden } from "../support/golden.ts";
import { type GoldenPost, goldenPosts } from "../support/golden-http.ts";

function encode({ process, spans }: GoldenPost): string {
  const batch = new BinaryBatch(process);
  for (const span of spans) expect(batch.add(recordGolden(span))).toBe(true);
  return Buffer.from(batch.message()).toString("hex");
}

describe.each(["v215-http", "v230-http"])(
  "the binary encoder gives the bytes that jaeger-client-go posts, %s",
  (set) => {
    const posts = goldenPosts(set);

    test("for 3 posts", () => {
      expect(posts.length).toBe(3);
    });

    test.each(posts.map((post) => [post.file, post] as const))("%s", (_file, post) => {
      expect(encode(post)).toBe(post.hex);
    });
  },
);
