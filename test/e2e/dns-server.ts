import type { Pod } from "../../examples/lab/pod.ts";
import { inNamespace } from "../ffi/namespace.ts";
import { eventually } from "./harness.ts";

const PORT = 53;
const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_ERROR = 0x8180;
const NAME_ERROR = 0x8183;
/** A pointer to the name of the question (RFC 1035 section 4.1.4). */
const SAME_NAME = 0xc00c;

/** A DNS server in a pod that knows some A records (RFC 1035 section 4.1). */
export class DnsServer {
  readonly records = new Map<string, { readonly ip: string; readonly ttl: number }>();
  /** `name type` of every question so far. */
  readonly questions: string[] = [];
  readonly #held = new Map<string, (() => void)[]>();

  #socket!: Bun.udp.Socket<"uint8array">;

  static async start(pod: Pod): Promise<DnsServer> {
    const server = new DnsServer();
    const data = (_: unknown, query: Uint8Array, port: number, address: string) =>
      server.#receive(Buffer.from(query), port, address);
    server.#socket = await inNamespace(pod.namespace, () =>
      Bun.udpSocket({ hostname: pod.ip4, port: PORT, binaryType: "uint8array", socket: { data } }),
    );
    return server;
  }

  /** Answers for `name` wait until the function that comes back is called. */
  hold(name: string): () => void {
    const waiting: (() => void)[] = [];
    this.#held.set(name, waiting);
    return () => {
      this.#held.delete(name);
      for (const send of waiting) send();
    };
  }

  asked(question: string): Promise<void> {
    return eventually(
      () => this.questions.includes(question),
      () => `nobody asked ${question}, but ${this.questions}`,
    );
  }

  close(): void {
    this.#socket.close();
  }

  #receive(query: Buffer, port: number, address: string): void {
    const { name, type, end } = readQuestion(query);
    this.questions.push(`${name} ${type === TYPE_A ? "A" : type}`);
    const send = () => this.#socket.send(this.#answer(query.subarray(0, end), name, type), port, address);
    const held = this.#held.get(name);
    if (held === undefined) send();
    else held.push(send);
  }

  #answer(query: Buffer, name: string, type: number): Buffer {
    const record = this.records.get(name);
    const head = Buffer.alloc(HEADER_BYTES);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(record === undefined ? NAME_ERROR : NO_ERROR, 2);
    head.writeUInt16BE(1, 4);
    const parts = [head, query.subarray(HEADER_BYTES)];
    if (record === undefined || type !== TYPE_A) return Buffer.concat(parts);
    head.writeUInt16BE(1, 6);
    return Buffer.concat([...parts, addressRecord(record.ip, record.ttl)]);
  }
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (; query[at]! > 0; at += query[at]! + 1) {
    labels.push(query.toString("latin1", at + 1, at + 1 + query[at]!));
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function addressRecord(ip: string, ttl: number): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(SAME_NAME, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(ttl, 6);
  record.writeUInt16BE(4, 10);
  record.set(ip.split(".").map(Number), 12);
  return record;
}
