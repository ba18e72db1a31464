/** Edits of flow collections, the ones with brackets: JSON, and what in YAML looks like it. */
import { isPair, type ParsedNode } from "yaml";
import type { Editor, MapNode, PairNode, SeqNode } from "./editor.ts";
import { indentation, lineBreak } from "./lines.ts";
import { renderFlow } from "./render.ts";
import type { Splices } from "./splices.ts";

/** `isJson`: keys and texts need quotes. */
export function createFlowEditor(text: string, splices: Splices, isJson: boolean): Editor {
  const eol = lineBreak(text);
  const removed = new Set<ParsedNode | PairNode>();

  /** What stands between two items of `collection`: a line break with indentation, or a space. */
  function gap(collection: MapNode | SeqNode): string {
    const first = startOf(collection.items[0]!);
    const isSpread = text.slice(collection.range[0], first).includes("\n");
    return isSpread ? eol + indentation(text, first) : " ";
  }

  function render(value: unknown, near: MapNode | SeqNode): string {
    if (!isJson) return renderFlow(value, text.slice(near.range[0]));
    const between = gap(near);
    if (between === " ") return jsonLine(value, text.slice(near.range[0]));
    return JSON.stringify(value, null, stepOf(text, between)).replaceAll("\n", between);
  }

  /** One pair, without the braces. */
  function renderPair(key: string, value: unknown, near: MapNode): string {
    return `${isJson ? JSON.stringify(key) : key}: ${render(value, near)}`;
  }

  function append(collection: MapNode | SeqNode, index: number, item: string): void {
    splices.insert(endOf(collection.items[index - 1]!), `,${gap(collection)}${item}`);
  }

  /** With the comma that separated it from what stays. */
  function remove(collection: MapNode | SeqNode, index: number): void {
    const items: readonly (ParsedNode | PairNode)[] = collection.items;
    const [previous, item, next] = [items[index - 1], items[index]!, items[index + 1]];
    removed.add(item);
    const isFollowed = items.slice(index + 1).some((other) => !removed.has(other));
    if (isFollowed) splices.replace(startOf(item), startOf(next!), "");
    else splices.replace(previous ? endOf(previous) : startOf(item), endOf(item), "");
  }

  return {
    addPair: (map, key, value) => append(map, map.items.length, renderPair(key, value, map)),
    replacePair: (map, pair, key, value) =>
      splices.replace(startOf(pair), endOf(pair), renderPair(key, value, map)),
    removePair: (map, pair) => remove(map, map.items.indexOf(pair)),
    addItem(seq, index, value) {
      const item = render(value, seq);
      if (index > 0) append(seq, index, item);
      else splices.insertBefore(startOf(seq.items[0]!), `${item},${gap(seq)}`);
    },
    replaceItem(seq, index, value) {
      const { range } = seq.items[index]!;
      splices.replace(range[0], range[1], render(value, seq));
    },
    removeItem: remove,
  };
}

/** `value` in one line of JSON, with spaces where the collection at the start of `example` has them. */
function jsonLine(value: unknown, example: string): string {
  if (!/^.[ ]/.test(example)) return JSON.stringify(value);
  const lines = JSON.stringify(value, null, 1);
  return lines.replace(/\n */g, " ");
}

/** The indentation step of a JSON text whose items of some collection are indented as in `between`. */
function stepOf(text: string, between: string): string {
  const outermost = /^[[{]\s*?\r?\n([ \t]+)/.exec(text.trimStart())?.[1];
  return outermost ?? between.trimStart();
}

function startOf(item: ParsedNode | PairNode): number {
  return isPair(item) ? item.key.range[0] : item.range[0];
}

function endOf(item: ParsedNode | PairNode): number {
  if (!isPair(item)) return item.range[1];
  return item.value === null ? item.key.range[1] : item.value.range[1];
}
