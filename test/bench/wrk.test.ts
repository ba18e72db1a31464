import { expect, test } from "bun:test";
import { parseWrk } from "../../bench/load/wrk.ts";

const GOOD = `Running 1s test @ http://198.18.0.3:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.95ms    1.27ms  25.03ms   93.32%
  33980 requests in 1.02s, 6.19MB read
Requests/sec:  33405.10
`;

test("the requests and the time are read from wrk's report", () => {
  expect(parseWrk(GOOD)).toEqual({ requests: 33980, seconds: 1.02 });
});

test("a run of minutes counts in seconds", () => {
  expect(parseWrk(GOOD.replace("1.02s", "2.00m")).seconds).toBe(120);
});

for (const [what, line] of [
  ["broken connections", "  Socket errors: connect 0, read 3, write 0, timeout 0\n"],
  ["answers that are errors", "  Non-2xx or 3xx responses: 5\n"],
] as const) {
  test(`${what} make a measurement void`, () => {
    expect(() => parseWrk(GOOD + line)).toThrow(line.trim());
  });
}

test("no completed request makes a measurement void", () => {
  expect(() => parseWrk(GOOD.replace("33980", "0"))).toThrow("completed no request");
});
