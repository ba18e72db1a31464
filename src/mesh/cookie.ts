import { FieldName, type Head } from "../http1/head.ts";

const COOKIE_FIELD = new FieldName("cookie");

/** Calls `visit` for each `name=value` of a Cookie field (RFC 6265 section 4.2), quotes around a value removed. */
export function eachCookie(field: string, visit: (name: string, value: string) => void): void {
  for (const pair of field.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const value = pair.slice(equals + 1).trim();
    visit(pair.slice(0, equals).trim(), value.replace(/^"(.*)"$/, "$1"));
  }
}

/** The same for all Cookie fields of a head. */
export function eachCookieOf(head: Head, visit: (name: string, value: string) => void): void {
  for (let i = head.find(COOKIE_FIELD); i >= 0; i = head.find(COOKIE_FIELD, i + 1)) {
    eachCookie(head.value(i), visit);
  }
}
