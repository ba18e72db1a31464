/**
 * A netlink socket: send a batch and read what the kernel says to each request, or dump.
 *
 * The kernel's answers are values: every refusal names the request it belongs to. A batch is applied whole or
 * not at all, and the kernel acknowledges requests also of a batch it then drops: only an empty list of errors
 * means applied.
 */
import { Errno } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import {
  decodeAttributes,
  decodeMessages,
  encodeRequests,
  HEADER_BYTES,
  type Message,
  NLM_F_ACK,
  type Request,
  readCString,
} from "./netlink-codec.ts";

const NLM_F_DUMP_INTR = 0x10;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** Both carry an error number, 0 for none. */
const ENDS_DUMP: ReadonlySet<number> = new Set([NLMSG_ERROR, NLMSG_DONE]);
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0o2000003;
const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;

const SOCKADDR_NL_BYTES = 12;
const RECEIVE_BYTES = 65_536;
const ANSWER_TIMEOUT_SECONDS = 3;
/** The usual net.core.rmem_default and wmem_default: never go below. */
const DEFAULT_BUFFER_BYTES = 212_992;
/** What one queued acknowledgement is charged against the receive buffer, rounded up. */
const ACK_COST_BYTES = 1024;
const DUMP_ATTEMPTS = 5;

/** A failed system call, or a request of a batch that the kernel refused. */
export class KernelError {
  constructor(
    readonly call: "socket" | "bind" | "sendto" | "recv" | "request",
    readonly errno: number,
    readonly refusal: Refusal | null = null,
  ) {}
}

export interface Refusal {
  /** Index of the refused request in its batch. */
  readonly request: number;
  /** The kernel's own words, if it has any. */
  readonly detail: string | null;
  /** Where in the message the offending attribute starts, in bytes. */
  readonly offset: number | null;
}

/** What a program can ask of the kernel over netlink; faked in tests. */
export interface Netlink {
  /** Sends one batch. No errors: every request that asked for it was acknowledged. */
  transact(requests: readonly Request[]): KernelError[];
  /** Every message of a dump. */
  dump(request: Request): Message[] | KernelError;
  close(): void;
}

/** A socket to nf_tables; a KernelError if this kernel or sandbox has no nfnetlink. */
export function openNetlink(): Netlink | KernelError {
  return open(NETLINK_NETFILTER);
}

/** A socket to ask for links and addresses (rtnetlink). */
export function openRouteNetlink(): Netlink | KernelError {
  return open(NETLINK_ROUTE);
}

function open(protocol: number): Netlink | KernelError {
  const fd = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
  if (fd < 0) return new KernelError("socket", errno());
  const socket = new NetlinkSocket(fd);
  const failure = socket.bind();
  if (failure) socket.close();
  return failure ?? socket;
}

class NetlinkSocket implements Netlink {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(new ArrayBuffer(RECEIVE_BYTES));
  #nextSequence = 1;

  constructor(fd: number) {
    this.#fd = fd;
  }

  bind(): KernelError | null {
    this.#set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
    this.#set(SOL_NETLINK, NETLINK_CAP_ACK, 1);
    const timeout = new BigInt64Array(new ArrayBuffer(16));
    timeout[0] = BigInt(ANSWER_TIMEOUT_SECONDS);
    libc.setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.byteLength);
    const address = new Uint16Array(new ArrayBuffer(SOCKADDR_NL_BYTES));
    address[0] = AF_NETLINK;
    return libc.bind(this.#fd, address, SOCKADDR_NL_BYTES) < 0 ? new KernelError("bind", errno()) : null;
  }

  transact(requests: readonly Request[]): KernelError[] {
    const first = this.#nextSequence;
    const failure = this.#send(requests);
    if (failure) return [failure];
    const errors: KernelError[] = [];
    let awaited = requests.filter(wantsAck).length;
    while (awaited > 0) {
      const messages = this.#receive();
      if (messages instanceof KernelError) return [...errors, messages];
      for (const message of messages) {
        const index = message.sequence - first;
        const request = requests[index];
        if (message.type !== NLMSG_ERROR || request === undefined) continue;
        const refused = decodeRefusal(message, index);
        if (refused) errors.push(refused);
        // Refused as a whole: the batch header asks for no acknowledgement, and nothing else will be answered.
        awaited = wantsAck(request) ? awaited - 1 : 0;
      }
    }
    return errors;
  }

  dump(request: Request): Message[] | KernelError {
    for (let attempt = 1; ; attempt++) {
      const messages = this.#dumpOnce(request);
      if (messages instanceof KernelError || !messages.some(isInterrupted)) return messages;
      if (attempt === DUMP_ATTEMPTS) return new KernelError("recv", Errno.EINTR);
    }
  }

  close(): void {
    libc.close(this.#fd);
  }

  #dumpOnce(request: Request): Message[] | KernelError {
    const sequence = this.#nextSequence;
    const failure = this.#send([request]);
    if (failure) return failure;
    const received: Message[] = [];
    for (;;) {
      const messages = this.#receive();
      if (messages instanceof KernelError) return messages;
      for (const message of messages) {
        if (message.sequence !== sequence) continue;
        received.push(message);
        if (ENDS_DUMP.has(message.type)) return decodeRefusal(message, 0) ?? received;
      }
    }
  }

  #send(requests: readonly Request[]): KernelError | null {
    const bytes = encodeRequests(requests, this.#nextSequence);
    this.#nextSequence += requests.length;
    this.#set(SOL_SOCKET, SO_SNDBUFFORCE, Math.max(bytes.length, DEFAULT_BUFFER_BYTES));
    this.#set(SOL_SOCKET, SO_RCVBUFFORCE, Math.max(requests.length * ACK_COST_BYTES, DEFAULT_BUFFER_BYTES));
    const sent = Number(libc.sendto(this.#fd, bytes, bytes.length, 0, null, 0));
    return sent < 0 ? new KernelError("sendto", errno()) : null;
  }

  /** The messages of the next datagram, copied out of the receive buffer. */
  #receive(): Message[] | KernelError {
    const length = Number(libc.recv(this.#fd, this.#buffer, RECEIVE_BYTES, 0));
    return length < 0 ? new KernelError("recv", errno()) : decodeMessages(this.#buffer.slice(0, length));
  }

  #set(level: number, option: number, value: number): void {
    const bytes = new Int32Array(new ArrayBuffer(4));
    bytes[0] = value;
    libc.setsockopt(this.#fd, level, option, bytes, bytes.byteLength);
  }
}

function wantsAck(request: Request): boolean {
  return (request.flags & NLM_F_ACK) !== 0;
}

/** Somebody changed the rules during the dump: it may be inconsistent. */
function isInterrupted(message: Message): boolean {
  return (message.flags & NLM_F_DUMP_INTR) !== 0;
}

/**
 * What an NLMSG_ERROR or NLMSG_DONE says, or null if all is well. Its payload: i32 error; for NLMSG_ERROR also
 * the refused message (only its header if capped), then the attributes of the extended acknowledgement.
 */
export function decodeRefusal({ payload, flags }: Message, request: number): KernelError | null {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const number = -view.getInt32(0, true);
  if (number === 0) return null;
  let detail: string | null = null;
  let offset: number | null = null;
  if (flags & NLM_F_ACK_TLVS) {
    const echoed = flags & NLM_F_CAPPED ? HEADER_BYTES : view.getUint32(4, true);
    for (const { type, payload: value } of decodeAttributes(payload.subarray(4 + ((echoed + 3) & ~3)))) {
      if (type === NLMSGERR_ATTR_MSG) detail = readCString(value);
      if (type === NLMSGERR_ATTR_OFFS)
        offset = new DataView(value.buffer, value.byteOffset).getUint32(0, true);
    }
  }
  return new KernelError("request", number, { request, detail, offset });
}
