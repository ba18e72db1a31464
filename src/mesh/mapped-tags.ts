import { FieldName, type Head } from "../http1/head.ts";
import type { Span } from "../trace/span.ts";
import { type TagKey, tagKey } from "../trace/tag.ts";
import { eachCookieOf } from "./cookie.ts";
import { tagField } from "./tag-field.ts";

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
    for (const { field, key } of this.#headers) tagField(span, key, head, field);
    if (this.#cookies.size === 0) return;
    eachCookieOf(head, (name, value) => {
      const key = this.#cookies.get(name);
      if (key !== undefined) span.tagLatin1(key, value);
    });
  }
}
