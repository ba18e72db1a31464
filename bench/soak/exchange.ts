/** One exchange with the soak's server, checked to the last byte. */
import { checkBody, checkChunked, field, readHead, sendBody } from "./message.ts";
import type { Wire } from "./wire.ts";

export interface Request {
  readonly id: number;
  readonly bytes: number;
  /** What comes after `?` in the path. */
  readonly how?: "chunked" | "reset" | "slow";
  /** Whether the server is to close the connection afterwards. */
  readonly isLast?: boolean;
}

let ids = 0;

/** A number that no other exchange of this process has. */
export function nextId(): number {
  return ++ids;
}

/** Asks for a body; `receive` checks what comes. */
export function ask(wire: Wire, request: Request): Promise<void> {
  return wire.write(requestHead("GET", request, []));
}

/** Reads the response to `ask`. Throws if it is another's, or not what was asked for. */
export async function receive(wire: Wire, { id, bytes, how }: Request): Promise<void> {
  await receiveHead(wire, id);
  await (how === "chunked" ? checkChunked(wire, id) : checkBody(wire, id, bytes));
}

/** Reads a response up to its body. */
export async function receiveHead(wire: Wire, id: number): Promise<void> {
  const head = await readHead(wire);
  if (head === null) throw new Error(`no response to ${id}`);
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`${id} is answered with ${head.slice(0, 40)}`);
  const answered = field(head, "X-Exchange");
  if (answered !== `${id}`) throw new Error(`the response to ${id} is that to ${answered}`);
}

/** Asks, and reads the response. */
export async function get(wire: Wire, request: Request): Promise<void> {
  await ask(wire, request);
  await receive(wire, request);
}

/** Sends a body, and reads the response. */
export async function post(wire: Wire, request: Request): Promise<void> {
  await wire.write(requestHead("POST", request, [`Content-Length: ${request.bytes}`]));
  await sendBody(wire, request.id, request.bytes);
  await receiveHead(wire, request.id);
}

/** Throws unless the server has closed, and has sent nothing more. */
export async function expectEnd(wire: Wire): Promise<void> {
  const more = await wire.read();
  if (more !== null) throw new Error(`${more.length} bytes too many`);
}

function requestHead(method: string, { id, bytes, how, isLast }: Request, lines: readonly string[]): Buffer {
  const query = how === undefined ? "" : `?${how}`;
  const all = [
    `${method} /${id}/${bytes}${query} HTTP/1.1`,
    "Host: soak.example",
    ...(isLast ? ["Connection: close"] : []),
    ...lines,
  ];
  return Buffer.from(`${all.join("\r\n")}\r\n\r\n`);
}
