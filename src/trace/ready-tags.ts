import { ReadyBytes } from "./ready-bytes.ts";
import { type ConstantTag, constantById, keyById, TagKind } from "./tag.ts";

/** How a format encodes what is the same for every span. */
export interface TagEncoding {
  /** Everything before the value of a tag of that name and kind. */
  prefix(key: string, kind: TagKind): Uint8Array;
  /** All of a tag whose value never changes. */
  constantTag(tag: ConstantTag): Uint8Array;
}

/**
 * The bytes of tags that are the same for every span, up to the value or all of a constant tag; made when they are first
 * needed.
 */
export class ReadyTags {
  readonly #encoding: TagEncoding;
  /** Indexed by `id << 3 | kind`, the first word of a tag on the tape. */
  readonly #known: ReadyBytes[] = [];

  constructor(encoding: TagEncoding) {
    this.#encoding = encoding;
  }

  /** The ready bytes of a tag, given its first word on the tape. */
  of(idAndKind: number): ReadyBytes {
    const bytes = this.#known[idAndKind];
    return bytes === undefined ? this.#learn(idAndKind) : bytes;
  }

  #learn(idAndKind: number): ReadyBytes {
    const encoding = this.#encoding;
    const id = idAndKind >> 3;
    const kind = idAndKind & 7;
    const bytes =
      kind === TagKind.Constant
        ? encoding.constantTag(constantById(id))
        : encoding.prefix(keyById(id).name, kind);
    const ready = new ReadyBytes(bytes);
    this.#known[idAndKind] = ready;
    return ready;
  }
}
