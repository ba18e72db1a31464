/**
 * Applies changes to the text of a manifest. Only lines that change are touched: comments, order, quotes and
 * indentation of everything else stay. The outcome is read again and compared with what the changes mean, so that what
 * cannot be edited in place is refused, never written wrongly.
 */
import { isAlias, isCollection, isMap, isScalar, isSeq, type ParsedNode, visit } from "yaml";
import { applyChanges, at, type Change, type Path, pointer } from "../change.ts";
import { createBlockEditor } from "./block-editor.ts";
import type { Editor, MapNode, PairNode, SeqNode } from "./editor.ts";
import { createFlowEditor } from "./flow-editor.ts";
import { type ManifestDocument, readDocuments } from "./read.ts";
import { Splices } from "./splices.ts";

export interface DocumentChanges {
  readonly document: ManifestDocument;
  readonly changes: readonly Change[];
}

export type EditResult =
  | { readonly text: string }
  /** The index of a document that cannot be edited in place: an anchor shares the changed part with another. */
  | { readonly uneditable: number };

/** Edits `text`, whose documents in their order are those of `edits`. */
export function editText(text: string, edits: readonly DocumentChanges[]): EditResult {
  const splices = new Splices();
  const wanted = edits.map(({ document, changes }) => applyChanges(document.value, changes));
  for (const [index, { document, changes }] of edits.entries()) {
    if (changes.length > 0) new DocumentEditor(text, splices, document.root!, wanted[index]).apply(changes);
  }
  const edited = splices.apply(text);
  const result = readDocuments(edited);
  const found = "documents" in result ? result.documents : [];
  const uneditable = wanted.findIndex((value, index) => !Bun.deepEquals(found[index]?.value, value));
  return uneditable === -1 ? { text: edited } : { uneditable };
}

type Collection = MapNode | SeqNode;

class DocumentEditor {
  readonly #block: Editor;
  readonly #flow: Editor;
  /** Paths of what was replaced as a whole, with every change below it. */
  readonly #replaced = new Set<string>();

  constructor(
    text: string,
    splices: Splices,
    readonly root: ParsedNode,
    /** The value of the document when all is done. */
    readonly wanted: unknown,
  ) {
    this.#block = createBlockEditor(text, splices, indentsItems(root));
    this.#flow = createFlowEditor(text, splices, isJson(root));
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      const { path } = change;
      const [collection, depth] = this.#descend(path.slice(0, -1));
      if (depth < path.length - 1) this.#replaceWhole(collection, path.slice(0, depth + 1));
      else if (isMap(collection)) this.#changePair(collection as MapNode, change);
      else this.#changeItem(collection as SeqNode, change);
    }
  }

  /** As far down as there are collections of this text's own with something in them, and how many steps that was. */
  #descend(path: Path): [collection: Collection, depth: number] {
    let node = this.root as Collection;
    for (const [depth, step] of path.entries()) {
      const child = childOf(node, step);
      if (!isCollection(child) || child.items.length === 0) return [node, depth];
      node = child as Collection;
    }
    return [node, path.length];
  }

  #editorOf(collection: Collection): Editor {
    return collection.flow ? this.#flow : this.#block;
  }

  /** What comes from an alias or a merge key, or is empty, has no lines of its own to edit: it gets all of them. */
  #replaceWhole(parent: Collection, path: Path): void {
    const name = pointer(path);
    if (this.#replaced.has(name)) return;
    this.#replaced.add(name);
    const [step, value] = [path.at(-1)!, at(this.wanted, path)];
    const editor = this.#editorOf(parent);
    if (isSeq(parent)) editor.replaceItem(parent as SeqNode, Number(step), value);
    else this.#set(parent as MapNode, String(step), value);
  }

  #set(map: MapNode, key: string, value: unknown): void {
    const pair = pairOf(map, key);
    const editor = this.#editorOf(map);
    if (pair) editor.replacePair(map, pair, key, value);
    else editor.addPair(map, key, value);
  }

  #changePair(map: MapNode, change: Change): void {
    const key = String(change.path.at(-1));
    const pair = pairOf(map, key);
    const editor = this.#editorOf(map);
    if (change.op === "add") this.#set(map, key, change.value);
    else if (pair && change.op === "remove") editor.removePair(map, pair);
    else if (pair && change.op === "swap") editor.replacePair(map, pair, change.key, change.value);
  }

  #changeItem(seq: SeqNode, change: Change): void {
    const index = Number(change.path.at(-1));
    if (change.op === "add") this.#editorOf(seq).addItem(seq, index, change.value);
    else this.#editorOf(seq).removeItem(seq, index);
  }
}

function pairOf(map: MapNode, key: string): PairNode | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

/** Null for what is not written here: an alias, or what a merge key brings. */
function childOf(node: Collection, step: string | number): ParsedNode | null {
  const child = isMap(node) ? pairOf(node as MapNode, String(step))?.value : node.items[Number(step)];
  return isAlias(child) ? null : ((child as ParsedNode | undefined) ?? null);
}

/** Flow style with quoted keys. */
function isJson(root: ParsedNode): boolean {
  const key = isMap(root) && root.flow ? root.items[0]?.key : null;
  return isScalar(key) && key.type === "QUOTE_DOUBLE";
}

/** Whether lists of this document stand further right than their keys; they do in the library's own style. */
function indentsItems(root: ParsedNode): boolean {
  let isIndented = true;
  visit(root, {
    Pair(_, { key, value }) {
      if (!isSeq(value) || value.flow) return undefined;
      isIndented = columnOf(value) > columnOf(key);
      return visit.BREAK;
    },
  });
  return isIndented;
}

function columnOf(node: unknown): number {
  return (node as { srcToken: { indent: number } }).srcToken.indent;
}
