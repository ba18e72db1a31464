import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import type { Exchange, Policy } from "../exchange.ts";

/** Longer request ids are passed on and tagged, but not remembered: a peer chooses them. */
export const MAX_KEY_LENGTH = 256;
/** What is kept of an id: one byte more than is remembered or shown, so that a longer one is known to be longer. */
const KEPT_BYTES = MAX_KEY_LENGTH + 1;

/** Every request leaves with a request id: the one it came with (the first, if several), or a new UUID v4. */
export class RequestIdPolicy implements Policy {
  readonly #name: FieldName;
  readonly #line: LinePrefix;
  /** The next new id, made while nobody waits for it. */
  #spare = "";

  constructor(
    headerName: string,
    readonly newId: () => string = () => crypto.randomUUID(),
  ) {
    this.#name = new FieldName(headerName);
    this.#line = new LinePrefix(headerName);
  }

  apply(exchange: Exchange, head: Head, edit: HeadEdit): void {
    const field = head.find(this.#name);
    if (field >= 0) exchange.requestId = head.value(field, KEPT_BYTES);
    if (exchange.requestId !== "") return;
    exchange.requestId = this.#spare || this.newId();
    this.#spare = "";
    if (field < 0) edit.append(this.#line, exchange.requestId);
    else edit.replaceValue(field, exchange.requestId);
  }

  ended(): void {
    this.#spare ||= this.newId();
  }
}
