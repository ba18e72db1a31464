import { describe, expect, test } from "bun:test";
import { type Commands, choose, UsageError } from "../src/command-line.ts";

const root = { args: { "service-name": { type: "string" } } } as const;
const commands: Commands = {
  init: { args: { "dry-run": { type: "boolean" }, cleanup: { type: "boolean" } } },
  version: {},
};

/** The name of the command chosen and the words citty gets. */
function chosen(...argv: string[]) {
  const { command, args, help } = choose(argv, root, commands);
  const name = Object.keys(commands).find((key) => commands[key] === command) ?? "root";
  return help ? `help of ${name}` : [name, ...args].join(" ");
}

describe("understood", () => {
  test.each([
    [[], "root"],
    [["--service-name", "shop"], "root --service-name=shop"],
    [["--service-name=shop"], "root --service-name=shop"],
    [["-service-name", "shop"], "root --service-name=shop"],
    [["-service-name=shop"], "root --service-name=shop"],
    [["--service-name", "-shop"], "root --service-name=-shop"],
    [["--service-name", "init"], "root --service-name=init"],
    [["--service-name", "a=b"], "root --service-name=a=b"],
    [["--service-name=a=b"], "root --service-name=a=b"],
    [["--service-name", "a", "-service-name", "b"], "root --service-name=a --service-name=b"],
    [["init"], "init"],
    [["init", "--dry-run", "-cleanup"], "init --dry-run --cleanup"],
    [["version"], "version"],
    [["--help"], "help of root"],
    [["-help"], "help of root"],
    [["-h"], "help of root"],
    [["--service-name", "shop", "--help"], "help of root"],
    [["init", "--help"], "help of init"],
    [["init", "--dry-run", "-h"], "help of init"],
    [["version", "-h"], "help of version"],
  ])("%j is %s", (argv, expected) => {
    expect(chosen(...argv)).toBe(expected);
  });
});

describe("refused, naming what would be right", () => {
  test.each([
    [["vesrion"], 'unknown command "vesrion", did you mean version?'],
    [["inti"], 'unknown command "inti", did you mean init?'],
    [["help"], 'unknown command "help", did you mean --help?'],
    [["sidecar"], 'unknown command "sidecar"; there are init, version, --help'],
    [["toString"], 'unknown command "toString"; there are init, version, --help'],
    [[""], 'unknown command ""; there are init, version, --help'],
    [["--servicename", "x"], 'unknown option "--servicename", did you mean --service-name?'],
    [["--sevrice-name=x"], 'unknown option "--sevrice-name", did you mean --service-name?'],
    [["--version"], 'unknown option "--version", did you mean version?'],
    [["-v"], 'unknown option "-v"; there are --service-name, --help, init, version'],
    [["--dry-run"], 'unknown option "--dry-run"; there are --service-name, --help, init, version'],
    [["--constructor"], 'unknown option "--constructor"; there are --service-name, --help, init, version'],
    [["--"], 'unknown option "--"; there are --service-name, --help, init, version'],
    [["--service-name"], "--service-name needs a value"],
    [["--service-name="], "--service-name needs a value"],
    [["--service-name", ""], "--service-name needs a value"],
    [["--service-name", "x", "init"], 'unexpected argument "init": a command comes first'],
    [["--service-name", "x", "y"], 'unexpected argument "y"'],
    [["init", "--dry"], 'unknown option "--dry"; there are --dry-run, --cleanup, --help'],
    [["init", "--dry-rnu"], 'unknown option "--dry-rnu", did you mean --dry-run?'],
    [["init", "--no-cleanup"], 'unknown option "--no-cleanup", did you mean --cleanup?'],
    [["init", "--cleanup=false"], "--cleanup takes no value"],
    [
      ["init", "--service-name", "x"],
      'unknown option "--service-name"; there are --dry-run, --cleanup, --help',
    ],
    [["init", "version"], 'unexpected argument "version"'],
    [["version", "1"], 'unexpected argument "1"'],
    [["\u001b[2J"], 'unknown command "\\u001b[2J"; there are init, version, --help'],
  ])("%j: %s", (argv, expected) => {
    expect(() => chosen(...argv)).toThrow(new UsageError(expected));
  });
});
