/** An exchange without sockets. */
import type { Relay } from "../../src/proxy/handler.ts";

export const RESPONSE = new Uint8Array(
  Buffer.from(
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 01:50:56 GMT\r\nContent-Type: text/plain\r\n" +
      "Content-Length: 42\r\nConnection: keep-alive\r\n\r\n0123456789 0123456789 0123456789 01234567.",
  ),
);

/** Takes whatever it is given. */
export class CountingRelay implements Relay {
  bytes = 0;

  toUpstream(bytes: Uint8Array): void {
    this.bytes += bytes.length;
  }

  toClient(bytes: Uint8Array): void {
    this.bytes += bytes.length;
  }

  connect(): void {}
  disconnect(): boolean {
    return true;
  }
  pauseClient(): void {}
  resumeClient(): void {}
  endUpstream(): void {}
  endClient(): void {}
  abort(): void {}

  becomeOpaque(): void {
    throw new Error("the handler gave up");
  }
}
