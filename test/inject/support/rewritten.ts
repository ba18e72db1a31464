import { readSettingFlags } from "../../../src/inject/flags.ts";
import { planInjection } from "../../../src/inject/inject.ts";
import { rewrite } from "../../../src/inject/rewrite.ts";
import { readDocuments } from "../../../src/inject/text/read.ts";
import { planRemoval } from "../../../src/inject/uninject.ts";

export const VERSION = "9.9.9";

/** A text with the sidecar, by the switches of the command line. Null if anything is wrong. */
export function inject(text: string, ...flags: string[]) {
  const settings = readSettingFlags(flags, VERSION);
  return rewrite(
    [{ name: "file", text }],
    (workload) => planInjection(workload, settings, VERSION),
    "injected",
  );
}

export function uninject(text: string) {
  return rewrite([{ name: "file", text }], planRemoval, "uninjected");
}

/** The objects in a text. */
// biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like.
export function objectsOf(text: string | null): any[] {
  const result = readDocuments(text!);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.documents.map(({ value }) => value);
}

/** A Deployment named web with the pod template's spec and metadata. */
export function deployment(spec: object, metadata: object = {}): string {
  const labels = { app: "web" };
  const template = { metadata: { labels, ...metadata }, spec };
  const selector = { matchLabels: labels };
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { selector, template },
  });
}

/** Its pod template after injection. */
export function injectedPod(spec: object, metadata: object = {}, ...flags: string[]) {
  const { text, report } = inject(deployment(spec, metadata), ...flags);
  if (text === null) throw new Error(report.problems.join("\n"));
  return objectsOf(text)[0].spec.template;
}
