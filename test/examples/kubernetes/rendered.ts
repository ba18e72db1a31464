/** The manifests under examples/kubernetes, as objects. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { objectsOf } from "../../inject/support/rewritten.ts";

const KUBERNETES = join(import.meta.dir, "..", "..", "..", "examples", "kubernetes");
export const read = (path: string) => readFileSync(join(KUBERNETES, path), "utf8");

/** kubectl's own kustomize, at 1.21 or later: before, there were no components. */
export const hasKustomize = /v1\.(2[1-9]|[3-9]\d)/.test(run(["kubectl", "version", "--client"]));

/** What `kubectl apply -k` would send. */
export function kustomized(folder: string): object[] {
  return objectsOf(run(["kubectl", "kustomize", join(KUBERNETES, folder)]));
}

/** What Helm would send, as far as Go's template engine and the schema of values say so. */
export function rendered(values: object, namespace: string): object[] {
  const [defaults] = objectsOf(read("chart/values.yaml"));
  const stdin = new TextEncoder().encode(JSON.stringify({ ...defaults, ...values }));
  const command = [
    "go",
    "run",
    join(import.meta.dir, "helm.go"),
    join(KUBERNETES, "chart", "templates"),
    namespace,
  ];
  return objectsOf(run(command, stdin)).filter((object) => object !== null);
}

function run(command: string[], stdin: Uint8Array | "ignore" = "ignore"): string {
  if (Bun.which(command[0]!) === null) return "";
  const { stdout, stderr, exitCode } = Bun.spawnSync(command, {
    stdin,
    env: { ...process.env, GO111MODULE: "off" },
  });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout.toString();
}
