/** The request as wrk's arguments; wrk itself adds a Host line. */
export interface Shape {
  readonly name: string;
  readonly headers: readonly string[];
}

const CRLF = 2;

/** One header line, 40 bytes: what is left when nothing but the proxy matters. */
export const TINY: Shape = { name: "tiny", headers: [] };

/** Ten header lines, about 640 bytes: what a browser or a service sends behind a gateway. */
export const REAL: Shape = {
  name: "real",
  headers: [
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
    "Accept-Encoding: gzip, deflate, br",
    "Cookie: session=0525d8f6-4857-4d40-b162-7421bed9c425; theme=dark; consent=all",
    "Referer: http://shop.example.com/catalogue/items?page=3",
    "X-Forwarded-For: 203.0.113.7, 198.18.0.1",
    "X-Forwarded-Proto: https",
    "X-Request-Id: 7b1f2c62-9e0d-4c3a-8a55-2b6f6c7d8e9f",
  ],
};

/** The bytes of a request of this shape, as wrk sends them. */
export function requestOf({ headers }: Shape, path = "/"): Uint8Array {
  const lines = [`GET ${path} HTTP/1.1`, "Host: 198.18.0.3:8080", ...headers];
  return new Uint8Array(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
}

/** The lines of a real request, and cookies as applications pile them up: about `bytes` together. */
export function filledTo(bytes: number): readonly string[] {
  const lines = [...REAL.headers];
  let size = lines.reduce((sum, line) => sum + line.length + CRLF, 0);
  for (let i = 0; size < bytes; i++) {
    const line = `X-Filling-${i}: ${"a1b2c3d4e5".repeat(Math.min(20, Math.ceil((bytes - size) / 10)))}`;
    size += line.length + CRLF;
    lines.push(line);
  }
  return lines;
}
