/** Both parsers of a connection against each other: no socket, thousands of conversations a second. */
import { expect } from "bun:test";
import { llhttpRequests } from "../http1/llhttp.ts";
import { Conversation, ID_LINE } from "../mesh/conversation.ts";
import { Random } from "./random.ts";
import { cut, requests, responses } from "./streams.ts";

const ENDS = ["ended", "client-reset", "upstream-reset", "connect-failed", "aborted"] as const;

/** Plays the conversation that `seed` stands for; throws if a byte is lost or an exchange is not ended once. */
export function fuzzParserPair(seed: number): void {
  const random = new Random(seed);
  const client = requests(random);
  const upstream = responses(random);
  const talk = new Conversation();
  interleave(random, cut(random, client), cut(random, upstream), talk);
  const resets = random.chance(30);
  if (!resets) talk.clientEnd().upstreamEnd();
  talk.closed(resets ? random.pick(ENDS) : "ended");

  const sent = talk.relay.upstream.replace(/<FIN>$/, "");
  const without = sent.replaceAll(ID_LINE, "");
  if (resets) expect(client.startsWith(without)).toBe(true);
  else expect(without).toBe(client);
  expect(talk.relay.client.replace(/<FIN>$/, "")).toBe(upstream);
  expect(talk.bugs).toEqual([]);
  const began = talk.observer.seen.filter((line) => line.startsWith(">")).length;
  expect(talk.observer.seen).toHaveLength(2 * began);
  if (!resets)
    expect(llhttpRequests(sent, ["x-request-id"])).toEqual(llhttpRequests(client, ["x-request-id"]));
}

function interleave(random: Random, client: string[], upstream: string[], talk: Conversation): void {
  while (client.length + upstream.length > 0) {
    const fromClient = upstream.length === 0 || (client.length > 0 && random.chance(60));
    if (fromClient) talk.client(client.shift()!);
    else talk.upstream(upstream.shift()!);
  }
}
