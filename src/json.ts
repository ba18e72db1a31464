/** Values of JSON that others wrote. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that `text` is; null if it is another value, or no JSON. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
