/** What net/http/pprof of Go serves below /debug/pprof/, as far as this runtime has it. */
import { Bad, integer } from "../../env.ts";
import { type Answer, text } from "../http/answer.ts";
import type { Handler } from "../http/connection.ts";
import type { Route } from "../http/router.ts";
import { CpuProfiler } from "./cpu-profiler.ts";
import { INDEX_PAGE } from "./index-page.ts";

const DEFAULT_SECONDS = "30";
const profileSeconds = integer(1, 60);

export function pprofRoutes(): Record<string, Route> {
  const index: Route = {
    GET: () => ({ status: 200, contentType: "text/html; charset=utf-8", body: INDEX_PAGE }),
  };
  return {
    "/debug/pprof": index,
    "/debug/pprof/": index,
    "/debug/pprof/profile": { GET: profileHandler() },
    "/debug/pprof/heap": { GET: heapHandler() },
    "/debug/pprof/cmdline": {
      GET: async () => binary(await Bun.file("/proc/self/cmdline").bytes(), "text/plain"),
    },
  };
}

/** `?seconds=N`, 30 if it says nothing. A client that leaves ends its profile. */
function profileHandler(): Handler {
  const profiler = new CpuProfiler();
  return async ({ query }, { gone }) => {
    const seconds = profileSeconds(query.get("seconds") || DEFAULT_SECONDS);
    if (seconds instanceof Bad) return text(400, `seconds has to be ${seconds.expected}`);
    if (profiler.isBusy) return text(429, "a profile is being taken already: there is one at a time");
    const startedAtMs = Date.now();
    const profile = await profiler.profile(seconds * 1000, gone);
    const { encodeProfile } = await import("./encode-profile.ts");
    return binary(encodeProfile(profile, startedAtMs), "application/octet-stream");
  };
}

/** One at a time, until it is sent: each is several times as large as the memory that it describes. */
function heapHandler(): Handler {
  let isBusy = false;
  return (_, { gone }) => {
    if (isBusy) return text(429, "a heap snapshot is being sent already: there is one at a time");
    isBusy = !gone.aborted;
    gone.addEventListener("abort", () => {
      isBusy = false;
    });
    return binary(new Uint8Array(Bun.generateHeapSnapshot("v8", "arraybuffer")), "application/json");
  };
}

function binary(body: Uint8Array, contentType: string): Answer {
  return { status: 200, contentType, body };
}
