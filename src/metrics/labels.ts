const ESCAPED: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** Labels as both formats write them, `name="value",...`, values escaped. An empty value is the same as no label. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (found) => ESCAPED[found]!)}"`)
    .join(",");
}
