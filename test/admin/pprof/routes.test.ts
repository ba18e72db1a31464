import { describe, expect, test } from "bun:test";
import { router } from "../../../src/admin/http/router.ts";
import { pprofRoutes } from "../../../src/admin/pprof/routes.ts";
import { ask } from "../asked.ts";
import { decode } from "./decoded.ts";

function endpoints() {
  return router(pprofRoutes(), { GET: () => ({ status: 404, body: "" }) });
}

function burnSomeTime(): number {
  let sum = 0;
  for (let i = 0; i < 200_000; i++) sum += Math.sqrt(i) % 7;
  return sum;
}

describe("profile", () => {
  test("says where CPU time went, by the names of functions", async () => {
    const load = setInterval(burnSomeTime, 1);
    const answer = await ask(endpoints(), "/debug/pprof/profile?seconds=1");
    clearInterval(load);
    const { samples, profile } = decode(answer.body as Uint8Array);
    expect(answer).toMatchObject({ status: 200, contentType: "application/octet-stream" });
    expect(samples.some(({ stack }) => stack.includes("burnSomeTime"))).toBe(true);
    expect(Number(profile.durationNanos)).toBeGreaterThan(900_000_000);
  });

  test("is one at a time; a client that leaves ends its own, and the next can begin", async () => {
    const handler = endpoints();
    const client = new AbortController();
    const first = ask(handler, "/debug/pprof/profile", { gone: client.signal });
    expect(await ask(handler, "/debug/pprof/profile?seconds=1")).toMatchObject({ status: 429 });
    client.abort();
    expect(await first).toMatchObject({ status: 200 });
    const gone = AbortSignal.abort();
    expect(await ask(handler, "/debug/pprof/profile?seconds=60", { gone })).toMatchObject({ status: 200 });
  });

  test.each(["0", "61", "-1", "1.5", "x"])("does not take %s seconds", async (seconds) => {
    const body = "seconds has to be a whole number from 1 to 60\n";
    expect(await ask(endpoints(), `/debug/pprof/profile?seconds=${seconds}`)).toMatchObject({
      status: 400,
      body,
    });
  });
});

test("heap is a snapshot that DevTools reads, one at a time until it is sent", async () => {
  const handler = endpoints();
  const client = new AbortController();
  const first = await ask(handler, "/debug/pprof/heap", { gone: client.signal });
  const { snapshot, strings } = JSON.parse(Buffer.from(first.body as Uint8Array).toString());
  expect(snapshot.meta.node_fields).toContain("self_size");
  expect(strings.length).toBeGreaterThan(100);
  expect(await ask(handler, "/debug/pprof/heap")).toMatchObject({ status: 429 });
  client.abort();
  expect(await ask(handler, "/debug/pprof/heap")).toMatchObject({ status: 200 });
});

test("a heap for a client that has left already holds up nobody", async () => {
  const handler = endpoints();
  await ask(handler, "/debug/pprof/heap", { gone: AbortSignal.abort() });
  expect(await ask(handler, "/debug/pprof/heap")).toMatchObject({ status: 200 });
});

test("cmdline is the command line, its words ended by NUL", async () => {
  const { body } = await ask(endpoints(), "/debug/pprof/cmdline");
  expect(
    Buffer.from(body as Uint8Array)
      .toString()
      .split("\0"),
  ).toContain("test");
});

test.each(["/debug/pprof", "/debug/pprof/"])("%s shows what there is", async (path) => {
  const { contentType, body } = await ask(endpoints(), path);
  expect(contentType).toBe("text/html; charset=utf-8");
  for (const name of ["profile", "heap", "goroutine", "connections", "cmdline"]) {
    expect(body).toContain(`href="/debug/pprof/${name}`);
  }
});
