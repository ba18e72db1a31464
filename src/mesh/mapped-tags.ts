import { FieldName, type Head } from "../http1/head.ts";
import type { Span } from "../trace/span.ts";
import { type TagKey, tagKey } from "../trace/tag.ts";
import { eachCookie } from "./cookie.ts";

const COOKIE_FIELD = new FieldName("cookie");

/** Headers and cookies, each with the tag that its value becomes (HTTP_HEADER_TAG_MAP, HTTP_COOKIE_TAG_MAP). */
export interface TagMaps {
  readonly headerTags: readonly { readonly name: string; readonly tag: string }[];
  readonly cookieTags: readonly { readonly name: string; readonly tag: string }[];
}

/** Tags a span with what its request's head says. A header counts once, the first of its name; empty ones do not. */
export class MappedTags {
  readonly #headers: { readonly field: FieldName; readonly key: TagKey }[];
  readonly #cookies: ReadonlyMap<string, TagKey>;

  constructor({ headerTags, cookieTags }: TagMaps) {
    this.#headers = headerTags.map(({ name, tag }) => ({ field: new FieldName(name), key: tagKey(tag) }));
    this.#cookies = new Map(cookieTags.map(({ name, tag }) => [name, tagKey(tag)]));
  }

  tag(span: Span, head: Head): void {
    for (const { field, key } of this.#headers) {
      const i = head.find(field);
      if (i >= 0 && head.valueEnd(i) > head.valueStart(i)) {
        span.tagBytes(key, head.buf, head.valueStart(i), head.valueEnd(i));
      }
    }
    if (this.#cookies.size === 0) return;
    for (let i = head.find(COOKIE_FIELD); i >= 0; i = head.find(COOKIE_FIELD, i + 1)) {
      eachCookie(head.value(i), (name, value) => {
        const key = this.#cookies.get(name);
        if (key !== undefined) span.tagLatin1(key, value);
      });
    }
  }
}
