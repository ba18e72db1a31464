/**
 * Names of tags, and whole tags that never change, interned once so that an encoder can keep their bytes ready.
 *
 * Interning is for what the program or its configuration names. Never intern what a peer sent: the tables only grow.
 */

/** How the value of a tag is kept in a span (see `span.ts`). */
export const enum TagKind {
  Text = 0,
  Double = 1,
  Bool = 2,
  Long = 3,
  Constant = 4,
}

/** The name of a tag. `id` counts from 0 in order of interning. */
export class TagKey {
  constructor(
    readonly id: number,
    readonly name: string,
  ) {}
}

/** A tag whose value is known beforehand. */
export class ConstantTag {
  constructor(
    readonly id: number,
    readonly key: TagKey,
    readonly kind: TagKind.Text | TagKind.Bool,
    readonly value: string | boolean,
  ) {}
}

const keys: TagKey[] = [];
const keyOfName = new Map<string, TagKey>();
const constants: ConstantTag[] = [];

/** The one TagKey of that name. */
export function tagKey(name: string): TagKey {
  let key = keyOfName.get(name);
  if (key === undefined) {
    key = new TagKey(keys.length, name);
    keys.push(key);
    keyOfName.set(name, key);
  }
  return key;
}

/** A tag with a fixed text. */
export function constantText(key: TagKey, value: string): ConstantTag {
  return intern(key, TagKind.Text, value);
}

/** A tag with a fixed boolean. */
export function constantBool(key: TagKey, value: boolean): ConstantTag {
  return intern(key, TagKind.Bool, value);
}

/** The key with that id: for encoders, which find ids in a span. */
export function keyById(id: number): TagKey {
  return keys[id]!;
}

/** The constant tag with that id: for encoders. */
export function constantById(id: number): ConstantTag {
  return constants[id]!;
}

function intern(key: TagKey, kind: ConstantTag["kind"], value: ConstantTag["value"]): ConstantTag {
  const same = constants.find((tag) => tag.key === key && tag.value === value);
  if (same !== undefined) return same;
  const tag = new ConstantTag(constants.length, key, kind, value);
  constants.push(tag);
  return tag;
}
