import { expect, test } from "bun:test";
import { missing } from "../../bench/requirements.ts";

test("a program that is missing is named with its Debian package", () => {
  const lacking = missing(
    (program) => (program === "wrk" ? null : `/usr/bin/${program}`),
    () => false,
  );
  expect(lacking.filter((line) => line.includes("apt-get"))).toEqual([
    "the program wrk (Debian: apt-get install wrk)",
    "nginx's stream module (Debian: apt-get install libnginx-mod-stream)",
  ]);
});
