/** The text of a configuration file: a flat map from variables to values, in YAML 1.2 or in JSON, which that contains. */
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLParseError,
} from "yaml";
import type { Environment } from "../env.ts";
import { didYouMean } from "../nearest.ts";
import { VARIABLES, variablesOf } from "./variables.ts";

export interface FileText {
  /** As the environment would have them. Not to be used if there are problems. */
  readonly values: Environment;
  /** What is wrong, each with its line; the first ten if there is more. */
  readonly problems: readonly string[];
}

const MAX_PROBLEMS = 10;
const SHOWN_NAME_CHARS = 64;

const NAMES = variablesOf("sidecar").filter((name) => name !== "NETRA_CONFIG_FILE");

/** Values may be texts, numbers, true and false, null for the default, and lists of these for comma lists. */
export function parseFileText(text: string): FileText {
  const lines = new LineCounter();
  // Its own search for equal keys compares each with each.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false };
  const { contents, errors } = parseDocument(text, options);
  if (errors.length > 0) {
    const first = errors.slice(0, MAX_PROBLEMS);
    const problems = first.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${explain(error)}`);
    return { values: {}, problems };
  }
  if (contents === null) return { values: {}, problems: [] };
  if (!isMap(contents)) return { values: {}, problems: ["line 1: not a map from variables to values"] };
  return readPairs(contents.items, lines);
}

/** Some of the library's messages are advice for who calls it. */
function explain({ code, message }: YAMLParseError): string {
  return code === "MULTIPLE_DOCS" ? "a second document begins, there can be one" : message;
}

function readPairs(pairs: readonly Pair[], lines: LineCounter): FileText {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? scalarText(key) : "";
    const text = textOf(value);
    const wrong = explainName(name) ?? explainValue(name, text, values);
    if (wrong === null) values[name] = text!;
    else problems.push(`line ${lineOf(key, lines)}: ${wrong}`);
    if (problems.length === MAX_PROBLEMS) break;
  }
  return { values, problems };
}

/** Null if the value may be that of the variable, which has none yet. */
function explainValue(name: string, text: string | null, values: Environment): string | null {
  if (Object.hasOwn(values, name)) return `${name} is there already`;
  return text === null ? `${name} ${EXPECTED}` : null;
}

const EXPECTED = "must be a text, a number, true or false, or a list of these without commas";

/** Null if the variable may stand in a file. */
function explainName(name: string): string | null {
  if (NAMES.includes(name)) return null;
  if (name === "NETRA_CONFIG_FILE") return `${name} cannot stand in the file that it names`;
  if (VARIABLES.has(name)) return `${name} is read by netramesh init alone, from its environment`;
  const shown = name.slice(0, SHOWN_NAME_CHARS);
  return `${JSON.stringify(shown)} is not a variable${didYouMean(shown, NAMES)}`;
}

function lineOf(node: unknown, lines: LineCounter): number {
  const start = isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
  return lines.linePos(start).line;
}

/** Null if no environment variable could be like this. */
function textOf(node: unknown): string | null {
  if (node === null) return "";
  if (isScalar(node)) return scalarText(node);
  if (!isSeq(node)) return null;
  const items = node.items.map((item) => (isScalar(item) ? scalarText(item) : ","));
  return items.some((item) => item.includes(",")) ? null : items.join(",");
}

/** Numbers as they are written: 010 is not 8, and a large one keeps its digits. */
function scalarText({ value, source }: Scalar): string {
  if (value === null) return "";
  return typeof value === "number" || typeof value === "bigint" ? (source ?? String(value)) : String(value);
}
