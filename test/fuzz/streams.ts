/** Streams that are nearly HTTP: valid messages and fragments of them, put together and then damaged. */
import type { Random } from "./random.ts";

const REQUESTS = [
  "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
  "GET /a?b=c HTTP/1.0\r\n\r\n",
  "HEAD /h HTTP/1.1\r\nHost: h\r\nUser-Agent: fuzz\r\n\r\n",
  "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
  "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n",
  "PUT /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
  "GET /ws HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
  "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\x16\x03\x01\x00\xa5\x01\x00\x00",
  "*1\r\n$4\r\nPING\r\n",
  "\r\n",
];
const RESPONSES = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\n\r\nuntil the end",
  "HTTP/1.0 500 No\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
];
const FIELDS = [
  "A: b\r\n",
  " folded\r\n",
  "Content-Length: 3\r\n",
  "Content-Length: 3, 3\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: identity\r\n",
  "Connection: upgrade\r\nUpgrade: x\r\n",
  "Bad : x\r\n",
  "X: \0\r\n",
];

/** One to four messages, most of them sound. */
export function requests(random: Random): string {
  return assemble(random, REQUESTS);
}
export function responses(random: Random): string {
  return assemble(random, RESPONSES);
}

/** Cuts `text` into pieces: whole, single bytes, or at random. */
export function cut(random: Random, text: string): string[] {
  if (random.chance(30)) return [text];
  const longest = random.chance(20) ? 1 : 1 + random.below(60);
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const size = 1 + random.below(longest);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

function assemble(random: Random, corpus: readonly string[]): string {
  const messages = Array.from({ length: 1 + random.below(4) }, () => {
    const message = random.pick(corpus);
    return random.chance(25) ? withField(random, message) : message;
  });
  const stream = messages.join("");
  return random.chance(40) ? damaged(random, stream) : stream;
}

function withField(random: Random, message: string): string {
  const line = message.indexOf("\r\n") + 2;
  return message.slice(0, line) + random.pick(FIELDS) + message.slice(line);
}

function damaged(random: Random, stream: string): string {
  const at = random.below(stream.length + 1);
  const byte = String.fromCharCode(
    random.chance(50) ? random.below(256) : random.pick([0, 9, 10, 13, 32, 58, 127]),
  );
  switch (random.below(5)) {
    case 0:
      return stream.slice(0, at) + byte + stream.slice(at);
    case 1:
      return stream.slice(0, at) + byte + stream.slice(at + 1);
    case 2:
      return stream.slice(0, at) + stream.slice(at + 1 + random.below(4));
    case 3:
      return stream.slice(0, at) + stream.slice(random.below(stream.length + 1));
    default:
      return stream.slice(0, at);
  }
}
