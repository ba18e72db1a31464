import { afterEach, describe, expect, test } from "bun:test";
import { metricsPort } from "../../src/admin/metrics-port.ts";
import { Readiness } from "../../src/admin/readiness.ts";
import { PeerServer } from "../proxy/peer.ts";
import { ask } from "./asked.ts";

const application = new PeerServer();
const gone = new PeerServer();
gone.close();
afterEach(() => {
  isDraining = false;
  hasNat = false;
  isComplete = true;
});

let isDraining = false;
let hasNat = false;
let isComplete = true;

const handler = metricsPort({
  scrape: (accept) => ({ contentType: `for ${accept}`, body: "metrics" }),
  readiness: new Readiness({
    isDraining: () => isDraining,
    isComplete: () => isComplete,
    seesNat: () => Promise.resolve(hasNat),
  }),
  probes: new Map([
    ["db/liveness", { host: null, port: application.port, timeoutMs: 5000 }],
    ["db/readiness", { host: "127.0.0.1", port: gone.port, timeoutMs: 5000 }],
  ]),
  podIp: () => "127.0.0.1",
});

test.each(["/metrics", "/", "/metrics/", "/debug/pprof/", "/config", "/drain", "/log-level", "*"])(
  "%s answers with metrics, as all that is nothing else did in 0.10",
  async (path) => {
    expect(await ask(handler, path, { accept: "x" })).toEqual({
      status: 200,
      contentType: "for x",
      body: "metrics",
    });
  },
);

test.each(["/metrics", "/live", "/ready", "/drain", "/app-health/db/liveness"])(
  "%s can only be read",
  async (path) => {
    for (const method of ["POST", "PUT", "DELETE", "get", "constructor"]) {
      expect(await ask(handler, path, { method })).toMatchObject({ status: 405, allow: "GET, HEAD" });
    }
  },
);

describe("/live and /ready", () => {
  test("are 200", async () => {
    expect(await ask(handler, "/live")).toMatchObject({ status: 200, body: "live\n" });
    expect(await ask(handler, "/ready")).toMatchObject({ status: 200, body: "ready\n" });
  });

  test("differ while it drains", async () => {
    isDraining = true;
    expect(await ask(handler, "/live")).toMatchObject({ status: 200 });
    expect(await ask(handler, "/ready")).toMatchObject({ status: 503, body: "draining\n" });
  });

  test("/ready waits for the last worker", async () => {
    isComplete = false;
    const body = "not every worker listens yet\n";
    expect(await ask(handler, "/ready")).toMatchObject({ status: 503, body });
  });

  test.each([
    [false, true, 200, /^listening: yes\ndraining: no\nnat: active \(.*not necessarily init's\)\n$/],
    [false, false, 200, /^listening: yes\ndraining: no\nnat: not seen \(.*\)\n$/],
    [true, true, 503, /^listening: yes\ndraining: yes\nnat: active /],
  ])("say more when asked, draining: %p, NAT: %p", async (draining, nat, status, body) => {
    isDraining = draining;
    hasNat = nat;
    const answer = await ask(handler, "/ready?verbose");
    expect(answer.status).toBe(status as 200);
    expect(answer.body).toMatch(body);
  });
});

test.each([
  ["/app-health/db/liveness", 200, "the application accepts connections\n"],
  ["/app-health/db/readiness", 503, "the application does not accept connections\n"],
  ["/app-health/db/startup", 404, "no such probe in NETRA_APP_PROBES\n"],
  ["/app-health/", 404, "no such probe in NETRA_APP_PROBES\n"],
  ["/app-health/127.0.0.1:80", 404, "no such probe in NETRA_APP_PROBES\n"],
])("%s is %i", async (path, status, body) => {
  expect(await ask(handler, path)).toMatchObject({ status, body });
});
