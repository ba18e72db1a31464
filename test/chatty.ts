/** Run by standard-sink.test.ts: writes more to standard error than a terminal takes. */
import { createLog } from "../src/log.ts";
import { standardSink } from "../src/standard-sink.ts";

const log = createLog({ level: "info", sink: standardSink("stderr") });
for (let i = 0; i < 500; i++) log.info(`line ${i} ${"x".repeat(100)}`);
log.info("last line");
await log.drain(process.argv[2] === "patient" ? 5000 : 100);
process.exit(0);
