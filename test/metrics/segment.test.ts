import { describe, expect, test } from "bun:test";
import { pathSegments } from "../../src/metrics/path-segments.ts";
import { segmentText } from "../../src/metrics/segment.ts";

function shown(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  return segmentText(bytes, 0, bytes.length);
}

describe("names stay as they are:", () => {
  const names =
    "cart items v1 v2beta1 oauth2 s3 utf8 sha256 base64 iso8601 index.html user-profile user_profile getUserV2 " +
    "jobs:run deadbeef FACADE a . favicon.ico 2fa my-very-long-but-still-readable-name " +
    "getUserPasswordResetTokenById AbstractSingletonProxyFactory VERY_LONG_NAME_IN_CAPITALS get-oauth2-authorization-server";
  test.each(names.split(" "))("%s", (name) => {
    expect(shown(name)).toBe(name);
  });
});

describe("data is an id:", () => {
  const data = [
    "1",
    "007",
    "-5",
    "2024-01-31",
    "10.5",
    "1,2,3",
    "1.2.3",
    "3f2b8a17-90cd-4e7e-8f7a-1b7d1b6f8c11",
    "3F2B8A17-90CD-4E7E-8F7A-1B7D1B6F8C11",
    "507f1f77bcf86cd799439011",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "d41d8cd98f00b204e9800998ecf8427e",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "dQw4w9WgXcQ",
    "order-12345",
    "cus_NffrFeUfNV2Hib94Lk",
    "kXqTbWzYhRcLmVdSfGpJwN",
    "kXqTbWz7hRcLmVdSfGpJwN",
    "-XqTbWz_hRcLmVdSfGpJwN",
    "mfrggzdfmztwq2lknnwgqy",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIx",
  ];
  test.each(data)("%s", (text) => {
    expect(shown(text)).toBe("{id}");
  });
});

describe("what cannot be a name to show is any text:", () => {
  const texts = [
    "caf%C3%A9",
    "a b",
    "a@example.com",
    '"',
    "{id}",
    "*",
    "a;b=c",
    "\xff",
    "a=b",
    `${"x".repeat(41)}!`,
  ];
  test.each(texts)("%s", (text) => {
    expect(shown(text)).toBe("*");
  });
});

describe("a path is cut into segments:", () => {
  const rows: [path: string, segments: string[]][] = [
    ["/", [""]],
    ["/cart", ["cart"]],
    ["/cart/", ["cart", ""]],
    ["//a", ["", "a"]],
    ["/cart/17/items", ["cart", "{id}", "items"]],
    ["/a/b/c/d/e/f/g/h", ["a", "b", "c", "d", "e", "f", "g", "h"]],
    ["/a/b/c/d/e/f/g/h/i", ["a", "b", "c", "d", "e", "f", "g", "*"]],
    ["/a/b/c/d/e/f/g/h/i/j/k/l/m", ["a", "b", "c", "d", "e", "f", "g", "*"]],
    ["", []],
    ["*", []],
    ["cart", []],
  ];
  test.each(rows)("%s", (path, segments) => {
    const bytes = Buffer.from(`GET ${path}`);
    expect(pathSegments(bytes, 4, bytes.length)).toEqual(segments);
  });
});
