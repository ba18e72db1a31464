/** Where lines begin and end in a text, and which of them are comments. Positions are offsets. */

export function lineStart(text: string, position: number): number {
  return text.lastIndexOf("\n", position - 1) + 1;
}

/** Behind the end of the line, or of the text. A position at the start of a line, behind its end, is its own answer. */
export function lineEnd(text: string, position: number): number {
  if (position > 0 && text[position - 1] === "\n") return position;
  const end = text.indexOf("\n", position);
  return end === -1 ? text.length : end + 1;
}

/** The spaces at the start of the line that `position` is in. */
export function indentation(text: string, position: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, position)))![0];
}

/** Behind the comment lines from `position` on that are indented by `indent` or more: they belong to what is above. */
export function skipComments(text: string, position: number, indent: number): number {
  let at = position;
  for (;;) {
    const comment = /^( *)#.*(?:\n|$)/.exec(text.slice(at, nextLine(text, at)));
    if (comment === null || comment[1]!.length < indent) return at;
    at += comment[0].length;
  }
}

/** The start of the comment and blank lines directly before the line that `position` is in. */
export function beforeComments(text: string, position: number): number {
  let start = lineStart(text, position);
  while (start > 0) {
    const previous = lineStart(text, start - 1);
    if (!/^\s*(#.*)?$/.test(text.slice(previous, start - 1))) return start;
    start = previous;
  }
  return start;
}

function nextLine(text: string, position: number): number {
  const end = text.indexOf("\n", position);
  return end === -1 ? text.length : end + 1;
}

/** What ends the lines of this text. */
export function lineBreak(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
