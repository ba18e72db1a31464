/** Edits of flow collections, the ones with brackets: JSON, and what in YAML looks like it. */
import { isCollection, isPair, type ParsedNode } from "yaml";
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
    const between = gap(near);
    if (!isJson || between === " ") return renderLine(value, near.range[0]);
    return JSON.stringify(value, null, stepOf(text, between)).replaceAll("\n", between);
  }

  /** In one line, with spaces where the collection that starts at `example` has them. */
  function renderLine(value: unknown, example: number): string {
    const start = text.slice(example, example + 2);
    return isJson ? jsonLine(value, start) : renderFlow(value, start);
  }

  /** Like what was there: in one line or in many. */
  function renderLike(old: ParsedNode | null, value: unknown, near: MapNode): string {
    const isLine =
      isCollection(old) && old.items.length > 0 && !text.slice(old.range[0], old.range[1]).includes("\n");
    return isLine ? renderLine(value, old.range[0]) : render(value, near);
  }

  /** Without the braces. */
  function pairOf(key: string, separator: string, value: string): string {
    return `${isJson ? JSON.stringify(key) : key}${separator}${value}`;
  }

  function replacePair(map: MapNode, pair: PairNode, key: string, value: unknown): void {
    const old = pair.value;
    const separator = old === null ? ": " : text.slice(pair.key.range[1], old.range[0]);
    splices.replace(startOf(pair), endOf(pair), pairOf(key, separator, renderLike(old, value, map)));
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
    addPair: (map, key, value) => append(map, map.items.length, pairOf(key, ": ", render(value, map))),
    replacePair,
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
