/**
 * `server.ts HTTP_PORT ECHO_PORT [DIRECT_PORT]`: the application behind the sidecar. On the HTTP ports it answers
 *
 *     GET  /ID/BYTES            with that much of body ID; `?chunked` in chunks, `?reset` with half of it and RST
 *     POST /ID/BYTES            with 200 if that much of body ID came; `?slow` reads it only after a while
 *
 * and on the echo port with what comes.
 */
import { checkBody, field, readHead, sendBody, sendChunked } from "./message.ts";
import { Wire } from "./wire.ts";

const SLOW_MS = 2000;

async function serveHttp(wire: Wire): Promise<void> {
  for (let head = await readHead(wire); head !== null; head = await readHead(wire)) {
    await answer(wire, head);
    if (field(head, "Connection") === "close") break;
  }
  wire.finish();
}

async function answer(wire: Wire, head: string): Promise<void> {
  const request = /^(GET|POST) \/(\d+)\/(\d+)(?:\?(\w+))? HTTP\/1\.1\r\n/.exec(head);
  if (request === null) return respond(wire, "400 Bad Request", 0, "Content-Length: 0");
  const [, method, idText, bytesText, how] = request;
  const [id, bytes] = [Number(idText), Number(bytesText)];
  if (method === "POST") return receive(wire, id, bytes, how === "slow");
  if (how === "chunked") return sendInChunks(wire, id, bytes);
  await respond(wire, "200 OK", id, `Content-Length: ${bytes}`);
  await sendBody(wire, id, how === "reset" ? bytes / 2 : bytes);
  if (how === "reset") wire.reset();
}

async function receive(wire: Wire, id: number, bytes: number, isSlow: boolean): Promise<void> {
  if (isSlow) await Bun.sleep(SLOW_MS);
  await checkBody(wire, id, bytes);
  await respond(wire, "200 OK", id, "Content-Length: 0");
}

async function sendInChunks(wire: Wire, id: number, bytes: number): Promise<void> {
  await respond(wire, "200 OK", id, "Transfer-Encoding: chunked");
  await sendChunked(wire, id, bytes);
}

function respond(wire: Wire, status: string, id: number, framing: string): Promise<void> {
  return wire.write(Buffer.from(`HTTP/1.1 ${status}\r\nX-Exchange: ${id}\r\n${framing}\r\n\r\n`));
}

async function serveEcho(wire: Wire): Promise<void> {
  for (let bytes = await wire.read(); bytes !== null; bytes = await wire.read()) await wire.write(bytes);
  wire.finish();
}

/** A connection that broke is the client's affair: it knows whether it was to break. */
function listen(port: number, serve: (wire: Wire) => Promise<void>): void {
  Wire.listen(port, (wire) => void serve(wire).catch(() => wire.reset()));
}

const [httpPort, echoPort, directPort] = process.argv.slice(2).map(Number);
listen(httpPort!, serveHttp);
listen(echoPort!, serveEcho);
if (directPort !== undefined) listen(directPort, serveHttp);
