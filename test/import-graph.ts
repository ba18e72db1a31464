/** Which module imports which, read from the sources; type-only imports too, which leave no trace in what runs. */
import { dirname, join } from "node:path";

export interface Import {
  /** Path of the importing file from the top level. */
  readonly from: string;
  /** Path of the imported file from the top level, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
  /** `import(...)` or `require(...)`. */
  readonly dynamic: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm;
const transpiler = new Bun.Transpiler({ loader: "ts" });

/** The imports of one source. */
export function readImports(from: string, source: string): Import[] {
  const statements = [...source.matchAll(STATEMENT)].map(([, type, path]) => ({
    from,
    to: resolve(from, path!),
    typeOnly: type !== undefined,
    dynamic: false,
  }));
  const seen = new Set(statements.map(({ to }) => to));
  const others = transpiler.scanImports(source).map(({ path, kind }) => ({ to: resolve(from, path), kind }));
  const missed = others.filter(({ to, kind }) => kind !== "import-statement" || !seen.has(to));
  return [
    ...statements,
    ...missed.map(({ to, kind }) => ({ from, to, typeOnly: false, dynamic: kind !== "import-statement" })),
  ];
}

function resolve(from: string, path: string): string {
  return path.startsWith(".") ? join(dirname(from), path) : path;
}

/** One cycle of imports that exist at run time, as the files on it; null if there is none. */
export function findCycle(imports: readonly Import[]): string[] | null {
  const edges = Map.groupBy(
    imports.filter(({ typeOnly }) => !typeOnly),
    ({ from }) => from,
  );
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return null;
    for (const { to } of edges.get(file) ?? []) {
      const cycle = visit(to, [...path, file]);
      if (cycle !== null) return cycle;
    }
    finished.add(file);
    return null;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}
