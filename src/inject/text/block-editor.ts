/**
 * Edits of block collections, which are made of lines: whole lines come and go, so that everything else keeps every
 * byte, and removing what was added leaves the text as it was.
 */
import { isCollection, isMap, isPair, isSeq, type ParsedNode } from "yaml";
import type { Editor, MapNode, PairNode, SeqNode } from "./editor.ts";
import { beforeComments, lineBreak, lineEnd, lineStart, skipComments } from "./lines.ts";
import { render, renderFlow } from "./render.ts";
import type { Splices } from "./splices.ts";

/** `indentSeq`: whether this text puts the items of a list further right than its key. */
export function createBlockEditor(text: string, splices: Splices, indentSeq: boolean): Editor {
  const eol = lineBreak(text);

  /** Without the last line break. */
  function renderLines(value: unknown, indent: number, step = 2): string {
    return render(value, { indent: step, indentSeq })
      .replace(/^(?=.)/gm, " ".repeat(indent))
      .replaceAll("\n", eol);
  }

  function insertBelow(node: ParsedNode | PairNode, lines: string, indent: number): void {
    const position = skipComments(text, lineEnd(text, endOf(node)), indent);
    const isLastLineOpen = position === text.length && !text.endsWith("\n");
    splices.insert(position, isLastLineOpen ? eol + lines : lines + eol);
  }

  function removeLines(from: number, to: number): void {
    const [start, end] = [lineStart(text, from), lineEnd(text, to)];
    const isLastLineOpen = end === text.length && !text.endsWith("\n");
    splices.replace(isLastLineOpen ? Math.max(start - eol.length, 0) : start, end, "");
  }

  function replacePair(map: MapNode, pair: PairNode, key: string, value: unknown): void {
    const { value: old } = pair;
    const isFlow = isCollection(old) && old.flow === true && old.items.length > 0;
    const indent = columnOf(map);
    const lines = isFlow
      ? `${key}: ${renderFlow(value, text.slice(old.range![0]))}`
      : renderLines({ [key]: value }, indent, stepOf(old, indent)).slice(indent);
    splices.replace(pair.key.range[0], endOf(pair), lines);
  }

  return {
    addPair(map, key, value) {
      const indent = columnOf(map);
      insertBelow(map.items.at(-1)!, renderLines({ [key]: value }, indent), indent);
    },
    replacePair,
    removePair: (_, pair) => removeLines(pair.key.range[0], endOf(pair)),
    addItem(seq, index, value) {
      const indent = columnOf(seq);
      const lines = renderLines([value], indent);
      if (index === 0) splices.insertBefore(beforeComments(text, seq.range[0]), lines + eol);
      else insertBelow(seq.items[index - 1]!, lines, indent);
    },
    replaceItem(seq, index, value) {
      const { range } = seq.items[index]!;
      const indent = columnOf(seq) + 2;
      splices.replace(range[0], endOf(seq.items[index]!), renderLines(value, indent).slice(indent));
    },
    removeItem(seq, index) {
      const item = seq.items[index]!;
      removeLines(item.range[0], endOf(item));
    },
  };
}

/** How far the keys or dashes of a block collection are indented. */
function columnOf(node: MapNode | SeqNode): number {
  return (node.srcToken as { indent: number }).indent;
}

function stepOf(node: ParsedNode | null, indent: number): number | undefined {
  return isMap(node) && !node.flow ? columnOf(node as MapNode) - indent : undefined;
}

/** Behind the last character of a node, without the comments and blank lines after it. */
function endOf(node: ParsedNode | PairNode): number {
  if (isPair(node)) return isEmpty(node.value) ? node.key.range[1] + ":".length : endOf(node.value!);
  const isBlock = (isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0;
  return isBlock ? endOf((node.items as (ParsedNode | PairNode)[]).at(-1)!) : node.range[1];
}

/** Nothing behind the colon is a node, too, which stands wherever the next thing is. */
function isEmpty(value: ParsedNode | null): boolean {
  return value === null || value.range[0] === value.range[1];
}
