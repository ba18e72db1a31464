/** One of the threads that put and get the same keys of one table as fast as they can. */
import { SharedTable } from "../../../src/trace/shared-table.ts";

export interface Order {
  readonly memory: SharedArrayBuffer;
  readonly payloadWords: number;
  /** How many keys there are: more than slots, so that slots change their key as well. */
  readonly keys: number;
  readonly rounds: number;
}

export interface Report {
  /** Entries of which the words do not belong together, or not to the key. */
  readonly torn: number;
  readonly found: number;
}

declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<Order & { writer: number }>) => self.postMessage(hammer(data));

/** All words of a payload are the same: round and writer above, the key in the last eight bits. */
function hammer({ memory, payloadWords, keys, rounds, writer }: Order & { writer: number }): Report {
  const table = new SharedTable({ memory, payloadWords, expirationMs: 0, nowMs: () => performance.now() });
  const payload = new Int32Array(payloadWords);
  const into = new Int32Array(payloadWords);
  const report = { torn: 0, found: 0 };
  for (let round = 0; round < rounds; round++) {
    const put = (round * 7 + writer) % keys;
    payload.fill((round << 10) | (writer << 8) | put);
    table.put(`key ${put}`, payload, payloadWords, round % 2 === 0 ? writer : 0);
    const asked = (round * 5) % keys;
    if (table.get(`key ${asked}`, into) === 0) continue;
    report.found++;
    if (into.some((word) => word !== into[0]) || (into[0]! & 0xff) !== asked) report.torn++;
  }
  return report;
}
