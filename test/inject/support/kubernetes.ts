/**
 * Whether objects are what Kubernetes takes: its published JSON schemas find wrong types and missing fields, and the
 * types made of them, with the type checker, what is misspelt. Both come with the package kubernetes-models.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TOP = join(import.meta.dir, "..", "..", "..");

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items?: readonly KubernetesObject[];
}

/** Objects with a name for each, for messages. */
export type Named = readonly (readonly [name: string, object: unknown])[];

/** Everything that is wrong with `objects`. Kinds that Kubernetes itself does not have are skipped. */
export async function schemaErrors(objects: Named): Promise<string[]> {
  const flat = objects.flatMap(([name, object]) => flatten(name, object as KubernetesObject | null));
  const invalid = await Promise.all(flat.map(([name, object]) => validate(name, object)));
  return [...invalid.flat(), ...misspelt(flat)];
}

type Flat = readonly [name: string, object: KubernetesObject];

function flatten(name: string, object: KubernetesObject | null): Flat[] {
  if (object === null || object.apiVersion.includes("example.com")) return [];
  if (object.items === undefined) return [[name, withoutNulls(object)]];
  return object.items.flatMap((item, index) => flatten(`${name}[${index}]`, item));
}

/** To Kubernetes null is what is not there. */
function withoutNulls(object: KubernetesObject): KubernetesObject {
  return JSON.parse(JSON.stringify(object), (_, value) => value ?? undefined);
}

interface Model {
  readonly validate: () => void;
}

async function validate(name: string, object: KubernetesObject): Promise<string[]> {
  const { apiVersion, kind } = object;
  const module = (await import(`kubernetes-models/${apiVersion}/${kind}`)) as Record<
    string,
    new (
      data: object,
    ) => Model
  >;
  try {
    new module[kind]!(object).validate();
    return [];
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
}

/** The type checker's errors, unknown fields among them. */
function misspelt(objects: readonly Flat[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "netramesh-schema-"));
  try {
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
    writeFileSync(join(folder, "objects.ts"), objects.map(toStatement).join("\n"));
    const { stdout, exitCode } = Bun.spawnSync([
      `${TOP}/node_modules/.bin/tsc`,
      "-p",
      folder,
      "--pretty",
      "false",
    ]);
    const errors = stdout
      .toString()
      .split("\n")
      .filter((line) => line.includes("error TS"));
    if (exitCode !== 0 && errors.length === 0) throw new Error(`tsc failed: ${stdout}`);
    return errors.map((line) => nameError(line, objects));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const TSCONFIG = {
  compilerOptions: {
    module: "Preserve",
    moduleResolution: "bundler",
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    paths: { "kubernetes-models/*": [`${TOP}/node_modules/kubernetes-models/*`] },
  },
  files: ["objects.ts"],
};

/** One line for each object, so that a line number tells which one is meant. */
function toStatement([, object]: Flat): string {
  const { apiVersion, kind } = object;
  return `({ ...(${JSON.stringify(object)} satisfies import("kubernetes-models/${apiVersion}/${kind}").I${kind}) });`;
}

function nameError(line: string, objects: readonly Flat[]): string {
  const [, number, message] = /objects\.ts\((\d+),\d+\): (.*)/.exec(line) ?? [];
  return `${objects[Number(number) - 1]?.[0]}: ${message ?? line}`;
}
