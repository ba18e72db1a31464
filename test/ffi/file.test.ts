import { expect, test } from "bun:test";
import { isTerminal, readText } from "../../ffi/file.ts";

test("a small file is read whole, a long one up to 4 KiB", () => {
  expect(readText("/proc/self/comm")).toMatch(/^[\w.]+\n$/);
  expect(readText(process.execPath)?.length).toBeLessThanOrEqual(4096);
});

test.each(["/proc/none", "/proc", ""])("%p cannot be read", (path) => {
  expect(readText(path)).toBeNull();
});

test("what is not open is no terminal", () => {
  expect(isTerminal(-1)).toBe(false);
});
