import { describe, expect, test } from "bun:test";
import { DASHBOARDS, filledIn, type Panel, queries, readDashboard } from "./grafana.ts";

describe.each([...DASHBOARDS])("dashboard %s", (name) => {
  const { panels, templating, uid } = readDashboard(name);
  const shown = panels.filter(({ type }) => type !== "row");

  test("asks for a data source and a service", () => {
    expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "service"]);
    for (const { datasource, targets } of shown) {
      for (const { uid } of [datasource!, ...targets!.map(({ datasource }) => datasource)]) {
        expect(uid).toMatch(/^\$\{datasource\}$/);
      }
    }
  });

  test("shows only what belongs to the service", () => {
    for (const { targets } of shown) {
      for (const { expr } of targets!) expect(expr).toContain('target_info{service_name=~"$service"}');
    }
  });

  test("explains each panel, and lets none cover another", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { description } of shown) expect(description).toMatch(/\.$/);
    for (const panel of panels) expect(panels.filter((other) => overlap(panel, other))).toEqual([panel]);
  });

  test("can be linked to", () => {
    expect(uid).toMatch(/^netramesh-[a-z]+$/);
  });
});

test("no variable of Grafana is left when all are filled in", () => {
  for (const { expr } of queries()) expect(filledIn(expr, "10s")).not.toContain("$");
});

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
