import { expect, test } from "bun:test";
import { parseSoakOptions } from "../../../bench/soak/options.ts";

test("a soak takes ten minutes of the built binary unless told otherwise", () => {
  const { minutes, binary } = parseSoakOptions([]);
  expect(minutes).toBe(10);
  expect(binary).toEndWith("/dist/netramesh");
  expect(parseSoakOptions(["--minutes", "0.5"]).minutes).toBe(0.5);
});

for (const argv of [
  ["--minutes", "0"],
  ["--minutes", "ten"],
  ["--minutes", "-1"],
  ["--hours", "1"],
]) {
  test(`${argv.join(" ")} is refused`, () => {
    expect(() => parseSoakOptions(argv)).toThrow();
  });
}
