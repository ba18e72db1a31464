/** The scripts, in the shells that they are for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCommands } from "../../src/commands.ts";
import { writeCompletion } from "../../src/completion/run.ts";

const COMMANDS = createCommands("1.2.3", {
  isTerminal: false,
  isColoured: false,
  readInput: async () => new Uint8Array(0),
  readFile: async () => new Uint8Array(0),
  out() {},
  err() {},
});
const NAMES = ["init", "check", "inject", "uninject", "webhook", "wait", "drain", "completion", "version"];

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "netramesh-completion-"));
  for (const shell of ["bash", "zsh", "fish"])
    writeFileSync(join(dir, shell), writeCompletion(shell, COMMANDS)!);
  writeFileSync(join(dir, "shop.yaml"), "");
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What a shell writes to stdout, by lines; it must not complain. */
function shell(command: readonly string[]): string[] {
  const { stdout, stderr, exitCode } = Bun.spawnSync([...command], {
    cwd: dir,
    env: { PATH: process.env.PATH, HOME: dir, TERM: "dumb", LC_ALL: "C.UTF-8" },
  });
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  return stdout.toString().split("\n").filter(Boolean);
}

test("there is none for another shell", () => {
  expect(writeCompletion("tcsh", COMMANDS)).toBeNull();
  expect(writeCompletion("toString", COMMANDS)).toBeNull();
});

/** A line as it is typed, and what is offered for its last word. */
const rows: [words: string[], offered: string[]][] = [
  [["ini"], ["init"]],
  [["un"], ["uninject"]],
  [["--service"], ["--service-name"]],
  [
    ["init", "--rev"],
    ["--revert", "--revert-after"],
  ],
  [
    ["init", "--output", ""],
    ["json", "text"],
  ],
  [["check", "--output", "j"], ["json"]],
  [["completion", "z"], ["zsh"]],
  [["inject", "sh"], ["shop.yaml"]],
  [["init", "--netns", "sh"], ["shop.yaml"]],
  [["wait", "--timeout", ""], []],
  [["version", "--"], ["--help"]],
];

describe("bash", () => {
  test("takes the script and knows whom to ask", () => {
    const lines = shell(["bash", "-c", `set -u; source ${dir}/bash; complete -p netramesh`]);
    expect(lines).toEqual(["complete -F _netramesh netramesh"]);
  });

  const complete = (words: readonly string[]) =>
    shell([
      "bash",
      "-c",
      `source ${dir}/bash; COMP_WORDS=(netramesh "$@"); COMP_CWORD=$#; _netramesh; printf '%s\\n' "\${COMPREPLY[@]}"`,
      "bash",
      ...words,
    ]);

  test.each([
    ...rows,
    [["check", "--output", "=", "j"], ["json"]],
    [
      ["check", "--output", "="],
      ["json", "text"],
    ],
  ])("completes %j", (words, offered) => expect(complete(words).toSorted()).toEqual(offered));

  test("offers every command", () => {
    expect(complete([""])).toEqual(["--service-name", "--help", ...NAMES]);
  });
});

describe("fish", () => {
  test("reads the script", () => {
    expect(shell(["fish", "--no-execute", join(dir, "fish")])).toEqual([]);
  });

  const complete = (words: readonly string[]) => {
    const typed = ["netramesh", ...words].join(" ");
    const lines = shell(["fish", "--no-config", "-c", `source ${dir}/fish; complete -C '${typed}'`]);
    return lines.map((line) => line.split("\t")[0]!);
  };

  test.each(rows)("completes %j", (words, offered) => {
    expect(complete(words).toSorted()).toEqual(offered);
  });

  test("offers every command", () => {
    expect(complete([""]).toSorted()).toEqual(NAMES.toSorted());
  });
});

describe("zsh", () => {
  test("reads the script", () => {
    expect(shell(["zsh", "-n", join(dir, "zsh")])).toEqual([]);
  });

  test("knows whom to ask once its completion is on", () => {
    const lines = shell([
      "zsh",
      "-f",
      "-c",
      `autoload -U compinit; compinit -D; source ${dir}/zsh; print $_comps[netramesh]`,
    ]);
    expect(lines).toEqual(["_netramesh"]);
  });

  /** What is handed to zsh's own functions, which only work at a prompt. */
  const handed = (words: readonly string[]) =>
    shell([
      "zsh",
      "-f",
      "-c",
      `compdef() {}; source ${dir}/zsh; _arguments() { print -rl -- "$@" }; _describe() { print -rl -- $commands }
      words=(netramesh "$@"); CURRENT=$#words; _netramesh`,
      "zsh",
      ...words,
    ]);

  test("hands over every command", () => {
    expect(handed([""]).map((line) => line.split(":")[0]!)).toEqual(NAMES);
  });

  test.each([
    [
      ["--"],
      [
        "--service-name=[Name of the service in traces (else JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or from POD_NAME)]:NAME:",
      ],
    ],
    [["check", "--"], ["--output=[For people or for programs (text)]:text|json:(text json)"]],
    [
      ["init", "--"],
      [
        "--netns=[Another network namespace\\: /run/netns/NAME]:PATH:_files",
        "--check[Exit code 0 if the rules of this configuration are in place]",
      ],
    ],
    [["inject", ""], ["*:FILE...:_files"]],
    [["completion", ""], ["*:bash|zsh|fish:(bash zsh fish)"]],
  ])("hands over the options of %j", (words, specs) => {
    expect(handed(words)).toEqual(expect.arrayContaining([...specs, "--help[Tell what there is]"]));
  });
});
