import { KernelError, type Netlink } from "../../ffi/netlink.ts";
import {
  decodeMessages,
  encodeRequests,
  type Message,
  messageAttributes,
  type Request,
  readCString,
} from "../../ffi/netlink-codec.ts";

export const NEWTABLE = 0xa00;
export const DELTABLE = 0xa02;
export const NEWCHAIN = 0xa03;
export const DELCHAIN = 0xa05;
export const NEWRULE = 0xa06;
const NEWSETELEM = 0xa0c;
const NF_TABLES = 10;
const UNSPEC = 0;

/** What a dump of each kind answers with. */
const ANSWERS: Readonly<Record<number, number>> = {
  2561: NEWTABLE,
  2564: NEWCHAIN,
  2567: NEWRULE,
  2573: NEWSETELEM,
};

/** An nf_tables that keeps what it is sent, whole batches or nothing, and refuses or alters what the test says. */
export class FakeKernel implements Netlink {
  messages: Message[] = [];
  /** The answer to the next batches, whatever they are. */
  errors: KernelError[] = [];
  /** The error number for a request of a batch; null: it is fine. */
  refuse: (request: Request) => number | null = () => null;
  dumpError: KernelError | null = null;
  /** What a dump shows instead of what there is. */
  alter: (messages: Message[]) => Message[] = (messages) => messages;
  /** Sockets in use. */
  open = 0;

  readonly connect = (): Netlink => {
    this.open++;
    return this;
  };

  transact(requests: readonly Request[]): KernelError[] {
    if (this.errors.length > 0) return this.errors;
    const refusals = requests.flatMap((request, i) => {
      const errno = this.refuse(request);
      return errno === null
        ? []
        : [new KernelError("request", errno, { request: i, detail: null, offset: null })];
    });
    if (refusals.length === 0) for (const request of requests) this.#apply(toMessage(request));
    return refusals;
  }

  dump(request: Request): Message[] | KernelError {
    if (this.dumpError) return this.dumpError;
    const asked = (message: Message) =>
      message.type === ANSWERS[request.type] && [UNSPEC, familyOf(message)].includes(request.family);
    return this.alter(this.messages.filter(asked));
  }

  close(): void {
    this.open--;
  }

  #apply(message: Message): void {
    if (message.type === DELTABLE) {
      this.messages = this.messages.filter((each) => familyOf(each) !== familyOf(message));
    } else if (message.type === DELCHAIN) {
      this.messages = this.messages.filter((each) => nameOf(each) !== nameOf(message));
    } else if (message.type >> 8 === NF_TABLES) this.messages.push(message);
  }
}

function toMessage(request: Request): Message {
  return decodeMessages(encodeRequests([request], 1))[0]!;
}

export function familyOf({ payload }: Message): number {
  return payload[0]!;
}

/** The name of a chain. */
function nameOf({ type, payload }: Message): string | null {
  if (type !== NEWCHAIN && type !== DELCHAIN) return null;
  const name = messageAttributes(payload).find((attribute) => attribute.type === 3);
  return name ? readCString(name.payload) : null;
}
