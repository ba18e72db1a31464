import { expect, test } from "bun:test";
import { createLog, LOG_LEVELS, type Log } from "../../src/log.ts";
import { WorkerLog } from "../../src/workers/worker-log.ts";

const SEVERITIES: readonly (keyof Log)[] = ["debug", "info", "warn", "error", "fatal"];

test.each(LOG_LEVELS)("at level %s a worker sends what the log of the process would write", (level) => {
  let written = "";
  const log = createLog({
    level,
    sink: { write: (bytes) => (written += Buffer.from(bytes)), flush: () => 0 },
  });
  const sent: string[] = [];
  const workerLog = new WorkerLog("info", (severity, message) => void sent.push(`${severity} ${message}`));
  workerLog.setLevel(level);
  for (const severity of SEVERITIES) {
    log[severity](`${severity}!`);
    workerLog[severity](`${severity}!`);
  }
  expect(sent).toEqual([...written.matchAll(/(\w+)!/g)].map(([said, severity]) => `${severity} ${said}`));
  expect(sent).toContain("fatal fatal!");
});
