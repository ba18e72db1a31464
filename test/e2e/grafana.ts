/** The dashboards of examples/grafana as a test needs them: their queries, with Grafana's variables filled in. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dir, "..", "..", "examples", "grafana");
export const DASHBOARDS = ["service.json", "sidecar.json"] as const;

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

export function readDashboard(name: string): Dashboard {
  return JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
}

/** Every query of every dashboard with the panel it belongs to. */
export function queries(): { panel: string; expr: string }[] {
  return DASHBOARDS.flatMap((name) =>
    readDashboard(name).panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ panel: `${name}: ${title}`, expr })),
    ),
  );
}

/** The query as Grafana would send it, for every service and rates over `interval`. */
export function filledIn(expr: string, interval: string): string {
  return expr.replaceAll("$__rate_interval", interval).replaceAll("$service", ".*");
}
