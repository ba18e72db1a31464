/** Are the variables right: each by itself, together, and beside those of the sidecar that runs? */
import { describeConfig } from "../config/describe.ts";
import { VARIABLES } from "../config/variables.ts";
import type { Environment } from "../env.ts";
import { isNear, nearest } from "../nearest.ts";
import { error, type Finding, ok, warning } from "./finding.ts";

export interface ConfigurationView {
  /** All variables, those of the file included. */
  readonly environment: Environment;
  /** What stops the start of the sidecar, or of init. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** What the sidecar that runs says; null if none does, or it does not say. */
  readonly running: ReadonlyMap<string, string> | null;
}

/** What Kubernetes sets for a Service called `netra-...`. */
const OF_SERVICES = /_(SERVICE_HOST|SERVICE_PORT\w*|PORT|PORT_\d+_\w+)$/;
const SHOWN_DIFFERENCES = 5;

export function checkConfiguration(view: ConfigurationView): Finding[] {
  const unknown = unknownNames(view.environment);
  return [
    ...view.problems.map((problem) => error("variables", problem, "correct it: nothing starts before")),
    ...view.warnings.map((text) => warning("variables", text, "it works, but is probably not what is meant")),
    ...unknown.map((name) => warning("unknown-variable", `${name} is not a variable`, suggest(name))),
    ...(view.problems.length === 0 ? [ok("variables", "every variable has a value that can be used")] : []),
    ...compare(view),
  ];
}

function unknownNames(environment: Environment): string[] {
  return Object.keys(environment).filter(
    (name) => name.startsWith("NETRA_") && !VARIABLES.has(name) && !OF_SERVICES.test(name),
  );
}

function suggest(name: string): string {
  const best = nearest(name, [...VARIABLES.keys()]);
  return isNear(name, best) ? `did you mean ${best}?` : "nobody reads it: remove it";
}

/** Whoever runs the check elsewhere than in the sidecar's container checks another configuration. */
function compare({ environment, running }: ConfigurationView): Finding[] {
  if (running === null) return [];
  const own = Object.entries(describeConfig(environment));
  const other = own.filter(([name, text]) => running.has(name) && running.get(name) !== firstLine(text));
  if (other.length === 0) return [ok("same-as-running", "the sidecar that runs here has the same variables")];
  const names = other.map(([name]) => name);
  const shown = names.slice(0, SHOWN_DIFFERENCES).join(", ");
  const more = names.length > SHOWN_DIFFERENCES ? ` and ${names.length - SHOWN_DIFFERENCES} more` : "";
  return [
    warning(
      "same-as-running",
      `the sidecar that runs here has other values for ${shown}${more}`,
      "what follows is about the values here: run the check with the sidecar's environment, in its container",
    ),
  ];
}

/** As the sidecar's answer is read: by lines. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
