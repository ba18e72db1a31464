/** `netramesh init` as a process of its own, for tests that need another user. Exits with its code. */
import { runInit } from "../../init/run.ts";

const write = (message: string) => void process.stderr.write(`${message}\n`);

process.exitCode = runInit({
  env: process.env,
  action: "apply",
  out: (text) => void process.stdout.write(text),
  log: { debug: write, info: write, warn: write, error: write, fatal: write },
});
