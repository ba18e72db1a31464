import { type Document, LineCounter, type ParsedNode, parseAllDocuments, type Tags, visit } from "yaml";

/**
 * Manifests as kubectl reads them: YAML 1.1 (`hostNetwork: yes` is true, `0644` is octal), without the times and
 * base-60 numbers that Go's library leaves alone.
 */
const DIALECT = {
  version: "1.1",
  keepSourceTokens: true,
  customTags: (tags: Tags): Tags => tags.filter((tag) => typeof tag === "string" || !isTime(tag)),
} as const;

function isTime({ tag, format }: { tag: string; format?: string }): boolean {
  return format === "TIME" || tag === "tag:yaml.org,2002:timestamp";
}

/** One document of a text. */
export interface ManifestDocument {
  /** What kubectl would see. */
  readonly value: unknown;
  /** The same as nodes that know where they stand. Null: an empty document. */
  readonly root: ParsedNode | null;
}

/** What is wrong with a text, and where. */
export interface SyntaxProblem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type ReadResult =
  | { readonly documents: readonly ManifestDocument[] }
  | { readonly problems: readonly SyntaxProblem[] };

/** Reads any number of YAML documents, or JSON, which YAML contains. */
export function readDocuments(text: string): ReadResult {
  const lines = new LineCounter();
  const parsed = [...parseAllDocuments(text, { ...DIALECT, lineCounter: lines })] as Document.Parsed[];
  const found = parsed.flatMap((document) => [...document.errors.map(asFound), ...wrongAliases(document)]);
  if (found.length > 0) return { problems: found.map((each) => place(each, lines)) };
  const documents: ManifestDocument[] = [];
  for (const document of parsed) {
    const value = expand(document);
    if (value instanceof Error)
      return { problems: [place({ message: value.message, at: document.range[0] }, lines)] };
    documents.push({ value, root: document.contents });
  }
  return { documents };
}

/** An error if aliases would grow beyond measure. */
function expand(document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return error;
  }
}

interface Found {
  readonly message: string;
  readonly at: number;
}

/** The library appends the place and an excerpt to its messages. */
function asFound({ message, pos }: Document.Parsed["errors"][number]): Found {
  return { message: message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, ""), at: pos[0] };
}

/** Aliases of nothing, and those of what they stand in, which would never end. */
function wrongAliases(document: Document.Parsed): Found[] {
  const wrong: Found[] = [];
  visit(document, {
    Alias(_, node, parents) {
      const { source, range } = node;
      const target = node.resolve(document);
      if (!target) wrong.push({ message: `There is no anchor &${source} before this alias`, at: range![0] });
      else if (parents.includes(target))
        wrong.push({ message: `This alias stands inside its own anchor &${source}`, at: range![0] });
    },
  });
  return wrong;
}

function place({ message, at }: Found, lines: LineCounter): SyntaxProblem {
  const { line, col } = lines.linePos(at);
  return { line, column: col, message };
}
