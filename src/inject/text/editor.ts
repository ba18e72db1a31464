import type { YAMLMap, YAMLSeq } from "yaml";

export type MapNode = YAMLMap.Parsed;
export type SeqNode = YAMLSeq.Parsed;
export type PairNode = MapNode["items"][number];

/** Edits of one style of collection. Every call notes what is to be replaced in the text; none changes a node. */
export interface Editor {
  /** Adds a pair behind the last one. */
  addPair(map: MapNode, key: string, value: unknown): void;
  /** Puts another key and value, or another value of the same key, in the place of a pair. */
  replacePair(map: MapNode, pair: PairNode, key: string, value: unknown): void;
  removePair(map: MapNode, pair: PairNode): void;
  /** Adds an item before the one at `index`; the length of the list appends. */
  addItem(seq: SeqNode, index: number, value: unknown): void;
  replaceItem(seq: SeqNode, index: number, value: unknown): void;
  removeItem(seq: SeqNode, index: number): void;
}
