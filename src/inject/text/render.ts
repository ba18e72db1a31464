import { Document, type ToStringOptions, visit } from "yaml";

/** YAML of a value of our own, in block style unless `options` say otherwise; without the last line break. */
export function render(value: unknown, options: ToStringOptions): string {
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && looksLikeNumber(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0, ...options }).trimEnd();
}

/** `value` in one line of flow style, with the padding that the flow collection at the start of `example` has. */
export function renderFlow(value: unknown, example: string): string {
  return render(value, { collectionStyle: "flow", flowCollectionPadding: /^.[ ]/.test(example) });
}

/** Parsers differ in what is a number (`0o17`, `1_000`); a text must be one to all of them. Addresses and versions are. */
function looksLikeNumber(text: string): boolean {
  return /^[-+.\d]/.test(text) && !/\..*\./.test(text);
}
