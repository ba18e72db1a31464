/**
 * No module loops at its top level. The bundle makes one top level of many modules, and a loop in it has JavaScriptCore
 * compile all of that: 450 kB of machine code, and 1.2 MB of memory that an idle sidecar then held.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";

const TOP = join(import.meta.dir, "..");

test("no module loops at its top level", async () => {
  const looping: string[] = [];
  for (const path of new Bun.Glob("{src,ffi,init}/**/*.ts").scanSync(TOP)) {
    if (/^(for|while|do)\b/m.test(await Bun.file(join(TOP, path)).text())) looping.push(path);
  }
  expect(looping).toEqual([]);
});
