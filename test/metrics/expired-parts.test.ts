import { beforeEach, expect, test } from "bun:test";
import { ExpiredParts } from "../../src/metrics/expired-parts.ts";
import { readSamples, type Samples } from "../../src/metrics/merge.ts";

/** What an event loop has counted of requests by path, and how many are open. */
function counted(requests: Readonly<Record<string, number>>): Samples {
  const lines = Object.entries(requests).map(([path, count]) => `requests_total{path="${path}"} ${count}\n`);
  return readSamples(`# TYPE requests_total counter\n${lines.join("")}# TYPE open gauge\nopen 1\n`);
}

let parts: ExpiredParts;
beforeEach(() => {
  parts = new ExpiredParts();
});

/** What is kept of these event loops' requests, by path. */
function kept(...loops: Readonly<Record<string, number>>[]): Record<string, number> {
  const values = parts.of(loops.map(counted)).get("requests")?.values ?? [];
  return Object.fromEntries([...values].map(([key, count]) => [/path="(.*)"/.exec(key)![1]!, count]));
}

test("nothing is kept of what is still counted, or by nobody any more", () => {
  expect(kept({ "/a": 1, "/b": 2 }, { "/a": 10 })).toEqual({});
  expect(kept({ "/a": 2 }, { "/a": 10 })).toEqual({});
  expect(kept({}, {})).toEqual({});
});

test("what one event loop has given up is kept while another one counts it", () => {
  kept({ "/a": 1 }, { "/a": 10 });
  expect(kept({ "/a": 2 }, {})).toEqual({ "/a": 10 });
  expect(kept({ "/a": 3 }, {})).toEqual({ "/a": 10 });
  expect(kept({}, {})).toEqual({});
  expect(kept({ "/a": 1 }, {})).toEqual({});
});

test("what begins anew and is given up again adds to what was kept", () => {
  kept({ "/a": 1 }, { "/a": 10 });
  kept({ "/a": 1 }, {});
  expect(kept({ "/a": 1 }, { "/a": 5 })).toEqual({ "/a": 10 });
  expect(kept({ "/a": 1 }, {})).toEqual({ "/a": 15 });
  expect(kept({}, { "/a": 7 })).toEqual({ "/a": 16 });
});

test("nothing is kept of an event loop that is gone", () => {
  kept({ "/a": 1 }, { "/a": 10 });
  parts.forget(1);
  expect(kept({ "/a": 1 }, {})).toEqual({});
});

test("one that is gone before the first sum is none", () => {
  parts.forget(1);
  expect(kept({ "/a": 1 }, {})).toEqual({});
});
