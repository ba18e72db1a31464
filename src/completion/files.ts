import type { OptionText } from "../command-texts.ts";

/** Whether a value is the name of a file. */
export function isFile({ value }: OptionText): boolean {
  return value !== null && /^(FILE|PATH)/.test(value);
}
