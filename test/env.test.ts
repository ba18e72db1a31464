import { describe, expect, test } from "bun:test";
import * as env from "../src/env.ts";

type Row = readonly [label: string, parser: env.Parser<unknown>, text: string, value: unknown];

describe("a parser takes", () => {
  const rows: Row[] = [
    ["integer", env.integer(-5, 5), "-5", -5],
    ["integer", env.integer(-5, 5), "+5", 5],
    ["integer", env.integer(0, 99), "007", 7],
    ["port", env.port, "1", 1],
    ["port", env.port, "65535", 65_535],
    ["port", env.port, "0080", 80],
    ["millis", env.millis, "1500", 1500],
    ["millis", env.millis, "-1", -1],
    ["millis beyond a timer", env.millis, "9999999999", 2_147_483_647],
    ["decimal", env.decimal(0, 1), ".5", 0.5],
    ["decimal", env.decimal(0, 1), "1e-3", 0.001],
    ["oneOf", env.oneOf("debug", "info"), "INFO", "info"],
    ["listOf", env.listOf(env.port), "80, 8080 ,,443", [80, 8080, 443]],
    ["bool", env.bool, "True", true],
    ["bool", env.bool, "false", false],
    ["anyText", env.anyText, " \u0001", " \u0001"],
    ["map", env.map(env.port, (port) => port + 1), "80", 81],
    ["ip", env.ip, "0.0.0.0", "0.0.0.0"],
    ["ip", env.ip, "::1", "::1"],
    ["ip", env.ip, "::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["hostAndPort", env.hostAndPort, "statsd:8125", { host: "statsd", port: 8125 }],
    ["hostAndPort", env.hostAndPort, "10.0.0.1:1", { host: "10.0.0.1", port: 1 }],
    ["hostAndPort", env.hostAndPort, "[fe80::1]:8125", { host: "fe80::1", port: 8125 }],
    ["headerName", env.headerName, "X-Request-Id", "X-Request-Id"],
    ["headerName", env.headerName, "!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ"],
    ...["X-Request-Id", "X-Source", "X-Host", "X-B3", "Trailers", "uberctx"].map(
      (name): Row => ["ownHeaderName", env.ownHeaderName, name, name],
    ),
    ["headerValue", env.headerValue, "a b\tc", "a b\tc"],
    ["headerValue around spaces", env.headerValue, "  netra\n", "netra"],
    ["headerValue over lines", env.headerValue, "one\r\ntwo", "one two"],
    ["headerValue in UTF-8", env.headerValue, "мир", "\u00d0\u00bc\u00d0\u00b8\u00d1\u0080"],
    ...["1", "t", "T", "TRUE", "true", "True"].map((text): Row => ["goBool", env.goBool, text, true]),
    ...["0", "f", "F", "FALSE", "false", "False"].map((text): Row => ["goBool", env.goBool, text, false]),
    ["goDuration", env.goDuration, "0", 0],
    ["goDuration", env.goDuration, "-0", 0],
    ["goDuration", env.goDuration, "500ms", 500],
    ["goDuration", env.goDuration, "1.5s", 1500],
    ["goDuration", env.goDuration, ".5s", 500],
    ["goDuration", env.goDuration, "1.s", 1000],
    ["goDuration", env.goDuration, "1h2m3s4ms", 3_723_004],
    ["goDuration", env.goDuration, "-1m", -60_000],
    ["goDuration", env.goDuration, "+2s", 2000],
    ["goDuration", env.goDuration, "1500us", 1.5],
    ["goDuration", env.goDuration, "1500µs", 1.5],
    ["goDuration", env.goDuration, "1500μs", 1.5],
    ["goDuration", env.goDuration, "2000000ns", 2],
    ["goDuration", env.goDuration, "596h31m23.647s", env.LONGEST_MS],
    ["goDuration", env.goDuration, "10000h", env.LONGEST_MS],
    ["goDuration", env.goDuration, "99999999999999999999h", env.LONGEST_MS],
  ];
  test.each(rows.map(([label, ...rest]) => [`${label}: ${JSON.stringify(rest[1])}`, ...rest] as Row))(
    "%s",
    (_, parser, text, value) => {
      expect(parser(text)).toEqual(value);
    },
  );
});

describe("a parser refuses", () => {
  const rows: [string, env.Parser<unknown>, string, string[]][] = [
    [
      "integer",
      env.integer(-5, 5),
      "a whole number from -5 to 5",
      ["6", "-6", "1.5", "1e0", "0x1", " 1", "1 ", "x"],
    ],
    [
      "port",
      env.port,
      "a port from 1 to 65535",
      ["0", "65536", "-1", "+80", "80.0", "0x50", " 80", "http", "99999999999999999999"],
    ],
    [
      "millis",
      env.millis,
      "a whole number of milliseconds",
      ["1s", "1.5", "1e3", " 1", "99999999999999999999"],
    ],
    [
      "decimal",
      env.decimal(0, 1),
      "a number from 0 to 1",
      ["1.1", "-0.1", "NaN", "Infinity", "0,5", "0x1", ""],
    ],
    ["oneOf", env.oneOf("debug", "info"), "one of debug, info", ["trace", " info", "inf"]],
    [
      "listOf",
      env.listOf(env.port),
      "a comma-separated list, each item a port from 1 to 65535",
      ["80,x", "80;81", "80 81"],
    ],
    ["listOf", env.listOf(env.port), "a comma-separated list with at least one item", [",", " , "]],
    [
      "ip",
      env.ip,
      "an IP address",
      ["localhost", "256.0.0.1", "1.2.3", "1.2.3.4.5", "[::1]", "::g", ":::", "1.2.3.4:80"],
    ],
    [
      "hostAndPort",
      env.hostAndPort,
      "host:port",
      ["statsd", ":8125", "statsd:", "statsd:0", "::1:8125", "[]:1", "a b:1", "u://h:1"],
    ],
    ["headerName", env.headerName, "a header name", ["X Y", "X:", "X\n", "é", "(x)", "x".repeat(257)]],
    ["ownHeaderName", env.ownHeaderName, "a header name", ["X Y", "é"]],
    [
      "ownHeaderName",
      env.ownHeaderName,
      "a header name that HTTP and trace propagation leave free",
      [
        ...["Connection", "content-length", "EXPECT", "Host", "Keep-Alive", "Proxy-Connection"],
        ...["TE", "Trailer", "Transfer-Encoding", "Upgrade"],
        ...["b3", "X-B3-TraceId", "x-b3-sampled", "baggage", "traceparent", "TraceState"],
        ...["Uber-Trace-Id", "uberctx-user", "jaeger-debug-id", "Jaeger-Baggage"],
      ],
    ],
    [
      "headerValue",
      env.headerValue,
      "a header value without control characters",
      ["\u0001", "a\u007fb", "\u001b[31m", " \n "],
    ],
    [
      "goBool",
      env.goBool,
      "true or false (1, t, T, TRUE, True, 0, f, ...)",
      ["yes", "tRUE", "on", "2", " true"],
    ],
    [
      "goDuration",
      env.goDuration,
      "a duration with unit, such as 500ms, 1s or 1m30s",
      ["1000", "1 s", "s", "1d", ".s", "1s2", "--1s", "1e3s"],
    ],
  ];
  const flat = rows.flatMap(([label, parser, expected, texts]) =>
    texts.map((text) => [label, text, parser, expected] as const),
  );
  test.each(flat)("%s: %p", (_, text, parser, expected) => {
    expect(parser(text)).toEqual(new env.Bad(expected));
  });
});

describe("a problem shows no secret of", () => {
  test.each([
    ["a URL", "htp://me:s3cret@host/", "htp://***@host/"],
    ["what is hardly a URL", "http:/me:s3/cr@et@host/", "http:/***@host/"],
    ["a URL's query", "htp://host/?token=s3cret", "htp://host/?***"],
  ])("%s", (_, value, shown) => {
    const problem = { variable: "A", value, expected: "a URL" };
    expect(env.formatProblem(problem)).toBe(`A="${shown}" is not a URL`);
  });
});

describe("the reader", () => {
  test("goes on after a wrong variable and notes every one by name, value and what would be right", () => {
    const read = new env.EnvReader({ A: "x", B: "2", C: "y" });
    expect([
      read.value("A", 7, env.port),
      read.value("B", 7, env.port),
      read.value("C", 8, env.port),
    ]).toEqual([7, 2, 8]);
    expect(read.problems.map(env.formatProblem)).toEqual([
      'A="x" is not a port from 1 to 65535',
      'C="y" is not a port from 1 to 65535',
    ]);
  });

  test("shows control characters of a wrong value escaped", () => {
    const read = new env.EnvReader({ A: "1\n2" });
    read.value("A", 0, env.port);
    expect(read.problems.map(env.formatProblem)).toEqual(['A="1\\n2" is not a port from 1 to 65535']);
  });

  test.each([{}, { A: "" }, { A: undefined }])("takes the default from %j", (environment) => {
    const read = new env.EnvReader(environment);
    expect([read.value("A", 7, env.port), read.positive("A", 8, env.millis), read.text("A", "t")]).toEqual([
      7,
      8,
      "t",
    ]);
    expect([read.problems, read.warnings]).toEqual([[], []]);
  });

  test.each(["0", "-3"])("takes the default for %s where only more than zero has a meaning", (text) => {
    expect(new env.EnvReader({ A: text }).positive("A", 8, env.millis)).toBe(8);
  });

  const OFF = 'counts as off: only "true" turns it on';
  test.each([
    ["true", true, []],
    ["false", false, []],
    ["TRUE", false, [`A: "TRUE" ${OFF}`]],
    ["1", false, [`A: "1" ${OFF}`]],
  ])("takes a switch %p for %p, with these warnings and no problem: %j", (text, on, warnings) => {
    const read = new env.EnvReader({ A: text });
    expect(read.value("A", false, env.onSwitch)).toBe(on);
    expect({ warnings: read.warnings, problems: read.problems }).toEqual({ warnings, problems: [] });
  });
});
