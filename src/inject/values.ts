/** Parsers of annotation values, which make settings of them. */
import { network } from "../../init/network.ts";
import { Bad, goDuration, integer, listOf, type Parser, port } from "../env.ts";
import { parseObject } from "../json.ts";
import type { Resources, SettingsPatch } from "./settings.ts";

export type ValueParser = Parser<SettingsPatch>;

/** One or more variables that get the text as it is, if `parse` takes it. */
export function variables(names: readonly string[], parse: Parser<unknown>): ValueParser {
  return (text) => {
    const value = parse(text);
    return value instanceof Bad ? value : { env: Object.fromEntries(names.map((name) => [name, text])) };
  };
}

/** Some part of the settings, made of a value that `parse` takes. */
export function setting<T>(parse: Parser<T>, toPatch: (value: T) => SettingsPatch): ValueParser {
  return (text) => {
    const value = parse(text);
    return value instanceof Bad ? value : toPatch(value);
  };
}

export const ports = listOf(port);

export const cidrs = listOf(network);

export const boolean: Parser<boolean> = (text) =>
  text === "true" || text === "false" ? text === "true" : new Bad("true or false");

/** A duration with unit, in whole milliseconds. */
export const duration: Parser<number> = (text) => {
  const value = goDuration(text);
  return value instanceof Bad || value > 0 ? value : new Bad("a duration above zero, such as 30s");
};

/** A user id that is not root's: a sidecar that is root would not need the rules' exemption. */
export const uid = integer(1, 4_294_967_294);

export const quantity: Parser<string> = (text) =>
  /^\d+(\.\d+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.test(text)
    ? text
    : new Bad("a quantity such as 100m, 64Mi or 0.5");

export function resource(name: keyof Resources): ValueParser {
  return setting(quantity, (value) => ({ resources: { [name]: value } }));
}

/** Text without spaces or control characters. */
export const image: Parser<string> = (text) => (/^[!-~]+$/.test(text) ? text : new Bad("an image reference"));

/** A JSON object of variable names and texts. */
export const variableObject: Parser<Record<string, string>> = (text) => {
  const value = parseObject(text);
  const isVariables =
    value !== null && Object.entries(value).every(([k, v]) => isVariable(k) && typeof v === "string");
  return isVariables
    ? (value as Record<string, string>)
    : new Bad('a JSON object of texts, such as {"NAME":"value"}');
};

export function isVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
