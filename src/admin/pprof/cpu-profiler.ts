/**
 * CPU profiles of this process by JavaScriptCore's sampler, which node:inspector speaks for. There is one sampler, so
 * there is one profile at a time.
 */
import type { Profiler, Session } from "node:inspector";

export type CpuProfile = Profiler.Profile;

/** Time between samples, asked for; the sampler takes about a third longer. */
export const SAMPLING_INTERVAL_US = 1000;

export class CpuProfiler {
  isBusy = false;

  /** Profiles for `durationMs`, or until `stop` is aborted. Not to be called while busy. */
  async profile(durationMs: number, stop: AbortSignal): Promise<CpuProfile> {
    this.isBusy = true;
    const session = openSession();
    try {
      await ask(session, "Profiler.enable");
      await ask(session, "Profiler.setSamplingInterval", { interval: SAMPLING_INTERVAL_US });
      await ask(session, "Profiler.start");
      await sleep(durationMs, stop);
      const { profile } = await ask<{ profile: CpuProfile }>(session, "Profiler.stop");
      return profile;
    } finally {
      session.disconnect();
      this.isBusy = false;
    }
  }
}

/** Loaded when it is first needed: an import would cost each idle sidecar 1.7 MB. */
function openSession(): Session {
  const session = new (process.getBuiltinModule("node:inspector").Session)();
  session.connect();
  return session;
}

function ask<T>(session: Session, method: string, params: object = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
