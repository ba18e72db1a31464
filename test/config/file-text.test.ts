import { describe, expect, test } from "bun:test";
import { parseFileText } from "../../src/config/file-text.ts";

describe("a file is understood", () => {
  const rows: [label: string, text: string, values: Record<string, string>][] = [
    [
      "as YAML",
      "# ours\nNETRA_PORT: 14956\nNETRA_SEMCONV: otel\n",
      { NETRA_PORT: "14956", NETRA_SEMCONV: "otel" },
    ],
    [
      "as JSON",
      '{\n\t"NETRA_PORT": 14956,\n\t"NETRA_TRACE_INFER": true\n}',
      { NETRA_PORT: "14956", NETRA_TRACE_INFER: "true" },
    ],
    ["when it is empty", "", {}],
    ["when it is a comment", "# nothing yet\n", {}],
    ["when it is an empty map", "{}", {}],
    [
      "numbers as they are written",
      "NETRA_PORT: 014956\nJAEGER_SAMPLER_PARAM: 1.50",
      { NETRA_PORT: "014956", JAEGER_SAMPLER_PARAM: "1.50" },
    ],
    [
      "large numbers digit by digit",
      "JAEGER_TAGS: 18446744073709551617",
      { JAEGER_TAGS: "18446744073709551617" },
    ],
    ["booleans however they are written", "NETRA_TRACE_INFER: True", { NETRA_TRACE_INFER: "true" }],
    ["yes as a text", "NETRA_TRACE_INFER: yes", { NETRA_TRACE_INFER: "yes" }],
    [
      "null and nothing as unset",
      "NETRA_PORT: null\nNETRA_SEMCONV:\n",
      { NETRA_PORT: "", NETRA_SEMCONV: "" },
    ],
    [
      "a list as a comma list",
      "NETRA_HTTP_PORTS: [80, 8080]\nHTTP_HEADER_TAG_MAP:\n  - X-A:a\n  - 'X-B:b'\n",
      { NETRA_HTTP_PORTS: "80,8080", HTTP_HEADER_TAG_MAP: "X-A:a,X-B:b" },
    ],
    [
      "text in quotes and over lines",
      "JAEGER_TAGS: 'a: b'\nNETRA_HTTP_X_SOURCE_VALUE: >-\n  one\n  two\n",
      { JAEGER_TAGS: "a: b", NETRA_HTTP_X_SOURCE_VALUE: "one two" },
    ],
  ];
  test.each(rows)("%s", (_, text, values) => {
    expect(parseFileText(text)).toEqual({ values, problems: [] });
  });
});

describe("a file is refused, naming the line", () => {
  const VALUE = "must be a text, a number, true or false, or a list of these without commas";
  const rows: [label: string, text: string, problems: (string | RegExp)[]][] = [
    ["that is no YAML", "NETRA_PORT: [1,\nNETRA_SEMCONV: :", [/^line 2: /, /^line 2: /]],
    ["with a tab for indentation", "NETRA_HTTP_PORTS:\n\t- 80", [/^line 2: /]],
    ["that is no JSON", '{"NETRA_PORT": 1\n"NETRA_SEMCONV": "otel"}', [/^line 1: /, /^line 1: /]],
    [
      "that says something twice",
      "NETRA_PORT: 1\nNETRA_SEMCONV: otel\nNETRA_PORT: 2",
      ["line 3: NETRA_PORT is there already"],
    ],
    [
      "of two documents",
      "NETRA_PORT: 1\n---\nNETRA_PORT: 2",
      ["line 2: a second document begins, there can be one"],
    ],
    ["that is a list", "- NETRA_PORT: 1", ["line 1: not a map from variables to values"]],
    ["that is a text", "NETRA_PORT=1", ["line 1: not a map from variables to values"]],
    ["with a map for a value", "\nNETRA_PORT: {a: 1}", [`line 2: NETRA_PORT ${VALUE}`]],
    ["with a list in a list", "NETRA_HTTP_PORTS: [[80]]", [`line 1: NETRA_HTTP_PORTS ${VALUE}`]],
    ["with a comma in a list's item", "NETRA_HTTP_PORTS: ['80,81']", [`line 1: NETRA_HTTP_PORTS ${VALUE}`]],
    ["with an alias", "NETRA_PORT: &a 1\nNETRA_PPROF_PORT: *a", [`line 2: NETRA_PPROF_PORT ${VALUE}`]],
    [
      "with a misspelt name",
      "# c\nNETRA_PROT: 1",
      ['line 2: "NETRA_PROT" is not a variable, did you mean NETRA_PORT?'],
    ],
    ["with a name like no other", "x: 1", ['line 1: "x" is not a variable']],
    ["with a name that is none", "[a]: 1", ['line 1: "" is not a variable']],
    [
      "with a variable of init's",
      "INBOUND_INTERCEPT_PORTS: 80",
      ["line 1: INBOUND_INTERCEPT_PORTS is read by netramesh init alone, from its environment"],
    ],
    [
      "that names a file",
      "NETRA_CONFIG_FILE: /x",
      ["line 1: NETRA_CONFIG_FILE cannot stand in the file that it names"],
    ],
    [
      "with several things wrong, all of them",
      "a: 1\nNETRA_PORT: {}\n",
      ['line 1: "a" is not a variable', `line 2: NETRA_PORT ${VALUE}`],
    ],
  ];
  test("with more wrong than anybody reads, the first ten", () => {
    const names = Array.from({ length: 11 }, (_, i) => `x${i}`);
    const problems = names.map((name, i) => `line ${i + 1}: "${name}" is not a variable`);
    expect(parseFileText(names.join(": 1\n").concat(": 1")).problems).toEqual(problems.slice(0, 10));
    expect(parseFileText("[,".repeat(20)).problems).toHaveLength(10);
  });

  test("with an overlong name, the beginning of it", () => {
    const [problem] = parseFileText(`${"x".repeat(1000)}: 1`).problems;
    expect(problem).toBe(`line 1: "${"x".repeat(64)}" is not a variable`);
  });

  test.each(rows)("%s", (_, text, problems) => {
    expect(parseFileText(text).problems).toEqual(
      problems.map((problem) => (typeof problem === "string" ? problem : expect.stringMatching(problem))),
    );
  });
});
