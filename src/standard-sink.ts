import { isTerminal, STDERR, STDOUT } from "../ffi/file.ts";
import { openTerminal, writeToTerminal } from "../ffi/terminal.ts";
import type { ByteSink } from "./log/line-queue.ts";
import { ReluctantSink } from "./log/reluctant-sink.ts";

/** Standard output or error, for who must not wait. Bun waits for a terminal, with everything that its thread does. */
export function standardSink(name: "stdout" | "stderr"): ByteSink {
  const fd = name === "stdout" ? STDOUT : STDERR;
  const terminal = isTerminal(fd) ? openTerminal(fd) : -1;
  return terminal < 0 ? Bun[name].writer() : new ReluctantSink((bytes) => writeToTerminal(terminal, bytes));
}
