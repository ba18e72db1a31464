/** Pieces of a text to be replaced, all positions those of the original. */
export class Splices {
  readonly #splices: { start: number; end: number; text: string }[] = [];

  replace(start: number, end: number, text: string): void {
    this.#splices.push({ start, end, text });
  }

  /** What is inserted later at the same place comes later. */
  insert(position: number, text: string): void {
    this.replace(position, position, text);
  }

  /** What is inserted later at the same place comes earlier. */
  insertBefore(position: number, text: string): void {
    this.#splices.unshift({ start: position, end: position, text });
  }

  /** The text with every piece in its place. Pieces do not overlap. */
  apply(text: string): string {
    const parts: string[] = [];
    let position = 0;
    for (const splice of this.#splices.toSorted((a, b) => a.start - b.start)) {
      parts.push(text.slice(position, splice.start), splice.text);
      position = splice.end;
    }
    return parts.join("") + text.slice(position);
  }
}
