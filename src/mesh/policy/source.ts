import { type HeadEdit, LinePrefix } from "../../http1/edit.ts";
import { FieldName, type Head } from "../../http1/head.ts";
import type { Exchange, Policy } from "../exchange.ts";
import { setField } from "./set-field.ts";

/** Tells the next hop where an outbound request comes from. Set, not added: what the application sent is replaced. */
export class SourcePolicy implements Policy {
  readonly #name: FieldName;
  readonly #line: LinePrefix;

  constructor(
    headerName: string,
    readonly value: string,
  ) {
    this.#name = new FieldName(headerName);
    this.#line = new LinePrefix(headerName);
  }

  apply(exchange: Exchange, head: Head, edit: HeadEdit): void {
    if (exchange.conn.direction === "outbound") setField(head, edit, this.#name, this.#line, this.value);
  }
}
