/** Plain HTTP requests out of a pod, each on a connection of its own. */
import type { Pod } from "../../examples/lab/pod.ts";
import { dial } from "./wire.ts";

export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** `METHOD target` to `ip:port`; throws if the connection is refused or ends without a reply. */
export async function ask(pod: Pod, ip: string, port: number, line: string, body = ""): Promise<Reply> {
  const peer = await dial(pod, ip, port);
  peer.send(`${line} HTTP/1.1\r\nHost: ${ip}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await peer.until(({ ending }) => ending !== "open");
  peer.fin();
  return parse(peer.text);
}

/** What came of a connection, read as a reply. */
export function parse(text: string): Reply {
  const [, head, status, body] = /^(HTTP\/1\.1 (\d{3}) .*?)\r\n\r\n(.*)$/s.exec(text) ?? [];
  if (head === undefined) throw new Error(`no reply: ${JSON.stringify(text)}`);
  return { status: Number(status), head, body: body! };
}
