/** Manifest texts in, manifest texts and a report out. Nothing is written if anything is wrong. */
import type { Plan } from "./inject.ts";
import type { Workload } from "./manifest.ts";
import { Report } from "./report.ts";
import { type DocumentChanges, editText } from "./text/edit.ts";
import { type ManifestDocument, readDocuments } from "./text/read.ts";
import { findWorkloads } from "./workload.ts";

/** A manifest file as read. */
export interface Source {
  /** For a person. */
  readonly name: string;
  readonly text: string;
}

/** What to do with one workload. */
export type Planner = (workload: Workload) => Plan;

export interface Rewritten {
  /** The manifests, one stream of documents; null if something is wrong. */
  readonly text: string | null;
  readonly report: Report;
}

/** Applies `plan` to every workload of every source. `done` is the word for it: injected. */
export function rewrite(sources: readonly Source[], plan: Planner, done: string): Rewritten {
  const report = new Report(done);
  const texts = sources.map((source) => rewriteOne(source, plan, report));
  return { text: report.problems.length > 0 ? null : join(texts), report };
}

function rewriteOne({ name, text }: Source, plan: Planner, report: Report): string {
  const result = readDocuments(text);
  if ("problems" in result) {
    for (const { line, column, message } of result.problems) {
      report.problem(`${name}:${line}:${column}: ${message}`);
    }
    return "";
  }
  const edits = result.documents.map((document) => planDocument(document, plan, report, name));
  if (report.problems.length > 0) return "";
  const edited = editText(text, edits);
  if ("text" in edited) return edited.text;
  report.problem(
    `${name}: document ${edited.uneditable + 1} cannot be edited: what changes in it is shared, by anchors and aliases, ` +
      "with parts that must not change; write them out",
  );
  return "";
}

function planDocument(
  document: ManifestDocument,
  plan: Planner,
  report: Report,
  name: string,
): DocumentChanges {
  const changes = findWorkloads(document.value).flatMap((workload) => {
    const planned = plan(workload);
    report.workload(name, workload, planned);
    return planned.changes;
  });
  return { document, changes };
}

/** Files become one stream: a document must end before the next begins. */
function join(texts: readonly string[]): string {
  return texts.reduce((all, text) => {
    const needsBreak = all !== "" && !all.endsWith("\n");
    const needsMarker = all !== "" && !/^(---|%)/.test(text);
    return `${all}${needsBreak ? "\n" : ""}${needsMarker ? "---\n" : ""}${text}`;
  }, "");
}
