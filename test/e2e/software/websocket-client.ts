/**
 * A WebSocket client that prints everything it gets, a line each. Arguments: the URL, whose
 * path is also the request id, then what it says in order, the
 * next when the answer to the last one is there: `text:WORDS`, `text:BYTESx` for that many bytes of text, `binary:BYTES`,
 * `ping`, or `close:CODE:REASON`.
 */
const [url, ...script] = process.argv.slice(2);
const socket = new WebSocket(url!, { headers: { "X-Request-Id": new URL(url!).pathname.slice(1) } });
socket.binaryType = "arraybuffer";

function next(): void {
  const [verb, what = "", reason] = script.shift()!.split(":");
  if (verb === "close") socket.close(Number(what), reason);
  else if (verb === "ping") socket.ping(what);
  else if (verb === "binary") socket.send(Uint8Array.from({ length: Number(what) }, (_, i) => i % 251));
  else socket.send(/^\d+x$/.test(what) ? "ö".repeat(parseInt(what, 10)) : what);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function describe(data: string | ArrayBuffer): string {
  const bytes = typeof data === "string" ? Buffer.from(data) : new Uint8Array(data);
  const kind = typeof data === "string" ? "text" : "binary";
  if (kind === "text" && bytes.length < 100) return `text ${data}`;
  return `${kind} of ${bytes.length} bytes, SHA-256 ${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
}

socket.addEventListener("message", ({ data }) => {
  print(describe(data));
  next();
});
socket.addEventListener("pong", () => {
  print("pong");
  next();
});
socket.addEventListener("error", () => print("error"));
socket.addEventListener("close", ({ code, reason, wasClean }) =>
  print(`close ${code} ${reason} ${wasClean}`),
);
