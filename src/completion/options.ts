import type { OptionText } from "../command-texts.ts";

/** What every command takes. */
export const HELP: OptionText = { name: "help", value: null, choices: [], description: "Tell what there is" };

/** Whether a value is the name of a file. */
export function isFile({ value }: OptionText): boolean {
  return value !== null && /^(FILE|PATH)/.test(value);
}
