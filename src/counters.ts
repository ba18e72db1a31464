/** What was counted, for people: `12 accepted, 1 refused direct`. What is zero is not worth a word. */
export function describeCounters(counters: Readonly<Record<string, number>>): string {
  const said = Object.entries(counters).filter(([, count]) => count > 0);
  if (said.length === 0) return "none";
  return said.map(([name, count]) => `${count} ${words(name)}`).join(", ");
}

/** What became of spans. A sender that knows what was sent, and why not, knows better than who handed it batches. */
export function describeSpans(counters: Readonly<Record<string, number>>): string {
  const { exported, droppedUnsent, ...others } = counters;
  return describeCounters(others.sent === undefined ? counters : others);
}

/** `droppedQueueFull` → `dropped queue full`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll("-", " ");
}
