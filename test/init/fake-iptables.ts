import type { Ended, System } from "../../init/system.ts";

/** iptables-restore and iptables-save as far as init uses them: tables, chains, -A, -I, -D, -F and -X. */
export class FakeIptables {
  readonly runs: (readonly string[])[] = [];
  /** What is wrong with a call, or null. */
  refuse: (argv: readonly string[]) => string | null = () => null;
  readonly #lines: Record<4 | 6, Map<string, string[]>> = { 4: new Map(), 6: new Map() };

  /** The programs, in /sbin. */
  readonly system: Pick<System, "which" | "run"> = {
    which: (program) => (program.includes("-legacy") ? null : `/sbin/${program}`),
    run: (argv, stdin) => this.#run(argv, stdin),
  };

  /** What iptables-save would print. */
  text(version: 4 | 6): string {
    return [...this.#lines[version]]
      .filter(([, lines]) => lines.length > 0)
      .map(([table, lines]) => `*${table}\n${lines.join("\n")}\nCOMMIT\n`)
      .join("");
  }

  #run(argv: readonly string[], stdin: string): Ended {
    this.runs.push(argv);
    const err = this.refuse(argv);
    if (err !== null) return { code: 1, out: "", err };
    const version = argv[0]!.includes("ip6tables") ? 6 : 4;
    if (argv[0]!.endsWith("-save")) return { code: 0, out: this.#counted(version), err: "" };
    if (!argv.includes("--test")) this.#restore(version, stdin);
    return { code: 0, out: "", err: "" };
  }

  #counted(version: 4 | 6): string {
    return this.text(version).replace(/^-A/gm, "[0:0] -A");
  }

  #restore(version: 4 | 6, stdin: string): void {
    let table: string[] = [];
    for (const line of stdin.split("\n")) {
      const [word = "", chain] = line.split(" ");
      if (word.startsWith("*")) table = this.#table(version, word.slice(1));
      else if (word.startsWith(":")) this.#replace(table, word.slice(1), [line]);
      else if (word === "-A") table.push(line);
      else if (word === "-I") table.push(line.replace(/^-I (\S+) 1/, "-A $1"));
      else if (word === "-D") table.splice(table.indexOf(line.replace("-D", "-A")), 1);
      else if (word === "-X") this.#replace(table, chain!, []);
    }
  }

  #table(version: 4 | 6, name: string): string[] {
    const tables = this.#lines[version];
    if (!tables.has(name)) tables.set(name, []);
    return tables.get(name)!;
  }

  #replace(table: string[], chain: string, lines: readonly string[]): void {
    const others = table.filter((line) => !line.startsWith(`:${chain} `) && !line.startsWith(`-A ${chain} `));
    table.splice(0, table.length, ...others, ...lines);
  }
}
