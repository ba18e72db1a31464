/** What a request should look like at the other end, with names for what the sidecar makes up. */
import { expect } from "bun:test";
import type { Peer } from "../proxy/peer.ts";
import type { Direction } from "./stage.ts";

/** A new request id; the context of a new trace, sampled or not; that of a child of span def in trace abc. */
const MADE_UP: [name: string, pattern: RegExp, length: number][] = [
  ["{ID}", /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, 36],
  ["{ROOT}", /([0-9a-f]{16}):\1:0{16}:1/g, 52],
  ["{UNSAMPLED}", /([0-9a-f]{16}):\1:0{16}:0/g, 52],
  ["{CHILD}", /0{13}abc:[0-9a-f]{16}:0{13}def:1/g, 52],
];

/** What a request without any of these lines gets before its last, empty line. */
export const INSERTED: Record<Direction, string> = {
  inbound: "X-Request-Id: {ID}\r\nuber-trace-id: {ROOT}\r\n",
  outbound: "X-Request-Id: {ID}\r\nX-Source: netra\r\nuber-trace-id: {ROOT}\r\n",
};

/** Waits until as many bytes have come as `template` stands for, then compares all that has come with it. */
export async function expectReceived(peer: Peer, template: string): Promise<void> {
  const length = MADE_UP.reduce(
    (sum, [name, , size]) => sum + (template.split(name).length - 1) * (size - name.length),
    template.length,
  );
  await peer.until(({ text, ending }) => text.length >= length || ending !== "open");
  expect(MADE_UP.reduce((text, [name, pattern]) => text.replace(pattern, name), peer.text)).toBe(template);
}

/** The request ids of the requests that a server has received, in order. */
export function requestIds({ text }: Peer): string[] {
  return [...text.matchAll(/^X-Request-Id: (.*)\r$/gim)].map(([, id]) => id!);
}
