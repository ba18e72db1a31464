import { expect, test } from "bun:test";
import { readSync } from "node:fs";
import { join } from "node:path";
import { openTerminalPair } from "./terminal.ts";

const CHATTY = join(import.meta.dir, "chatty.ts");

test("a terminal that nobody reads holds nothing up", async () => {
  const { slave, close } = openTerminalPair();
  const child = Bun.spawn([process.execPath, CHATTY], { stdout: slave, stderr: slave, timeout: 10_000 });
  expect([await child.exited, child.signalCode]).toEqual([0, null]);
  close();
});

test("a terminal that is read gets every line", async () => {
  const { master, slave, close } = openTerminalPair();
  const child = Bun.spawn([process.execPath, CHATTY, "patient"], {
    stdout: slave,
    stderr: slave,
    timeout: 10_000,
  });
  let text = "";
  // What it has written may come after its end.
  for (let i = 0; i < 2000 && !text.includes("last line"); i++) {
    text += readNow(master);
    await Bun.sleep(1);
  }
  expect([await child.exited, text.match(/line \d+ /g)?.length]).toEqual([0, 500]);
  close();
});

const buffer = Buffer.alloc(65_536);

function readNow(terminal: number): string {
  try {
    return buffer.toString("latin1", 0, readSync(terminal, buffer));
  } catch {
    return ""; // There is nothing to read now.
  }
}
