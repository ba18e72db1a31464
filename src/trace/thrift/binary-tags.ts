/**
 * Tags in TBinaryProtocol. The bytes before a value depend only on key and type, so they are made once per key; a
 * constant tag is made once as a whole. (jaeger.thrift `Tag`: 1 key, 2 vType, 3 vStr, 4 vDouble, 5 vBool, 6 vLong.)
 */
import { ReadyTags } from "../ready-tags.ts";
import { type ConstantTag, TagKind } from "../tag.ts";

/** vType as an i32 field, then the header of the value's field. */
const VALUE_HEADERS: Record<number, readonly number[]> = {
  [TagKind.Text]: [0x08, 0, 2, 0, 0, 0, 0, 0x0b, 0, 3],
  [TagKind.Double]: [0x08, 0, 2, 0, 0, 0, 1, 0x04, 0, 4],
  [TagKind.Bool]: [0x08, 0, 2, 0, 0, 0, 2, 0x02, 0, 5],
  [TagKind.Long]: [0x08, 0, 2, 0, 0, 0, 3, 0x0a, 0, 6],
};
const KEY_HEADER = Buffer.of(0x0b, 0, 1);
export const STOP = 0x00;

/** Up to the value, or all of a constant tag. */
export const readyTags = new ReadyTags({ prefix, constantTag });

function prefix(key: string, kind: TagKind): Uint8Array {
  return Buffer.concat([KEY_HEADER, textBytes(key), Buffer.from(VALUE_HEADERS[kind]!)]);
}

function constantTag(tag: ConstantTag): Uint8Array {
  return Buffer.concat([prefix(tag.key.name, tag.kind), constantValue(tag), Buffer.of(STOP)]);
}

function constantValue({ value }: ConstantTag): Uint8Array {
  return typeof value === "string" ? textBytes(value) : Buffer.of(value ? 1 : 0);
}

/** A whole text tag: for what is encoded once, such as the tags of the process. */
export function textTag(key: string, value: string): Uint8Array {
  return Buffer.concat([prefix(key, TagKind.Text), textBytes(value), Buffer.of(STOP)]);
}

/** A string with its length before it, as UTF-8. */
export function textBytes(text: string): Uint8Array {
  const utf8 = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(utf8.length);
  return Buffer.concat([length, utf8]);
}
