/** llhttp, Node's HTTP parser, in its strict mode: a second opinion on where messages begin and end. */

interface RawParser {
  initialize(type: number, resource: object): void;
  execute(bytes: Uint8Array): number | (Error & { code: string });
  [callback: number]: (...args: never[]) => unknown;
}
interface Binding {
  readonly HTTPParser: {
    new (): RawParser;
    readonly REQUEST: number;
    readonly kOnHeaders: number;
    readonly kOnHeadersComplete: number;
    readonly kOnBody: number;
    readonly kOnMessageComplete: number;
  };
  readonly methods: readonly string[];
}

const { HTTPParser, methods } = (process as unknown as { binding(name: string): Binding }).binding(
  "http_parser",
);

/**
 * What llhttp makes of a stream of requests, as lines: `head METHOD TARGET name:value|...` without the fields named in
 * `hidden`, `body TEXT`, `end`, and `error CODE` where it gives up.
 */
export function llhttpRequests(stream: string, hidden: readonly string[]): string[] {
  const lines: string[] = [];
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  let fields: string[] = [];
  let url = "";
  const onHeaders = (headers: string[], target: string) => {
    fields.push(...headers);
    url += target;
  };
  const onHead = (
    _major: number,
    _minor: number,
    headers: string[] | undefined,
    method: number,
    target: string | undefined,
  ) => {
    fields.push(...(headers ?? []));
    lines.push(`head ${methods[method]} ${url + (target ?? "")} ${visible(fields, hidden)}`);
    fields = [];
    url = "";
    return 0;
  };
  const onBody = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString("latin1");
    if (lines.at(-1)?.startsWith("body ")) lines[lines.length - 1] += text;
    else lines.push(`body ${text}`);
  };
  parser[HTTPParser.kOnHeaders] = onHeaders as (...args: never[]) => unknown;
  parser[HTTPParser.kOnHeadersComplete] = onHead as (...args: never[]) => unknown;
  parser[HTTPParser.kOnBody] = onBody as (...args: never[]) => unknown;
  parser[HTTPParser.kOnMessageComplete] = () => {
    lines.push("end");
    // Trailers came with the target once more.
    fields = [];
    url = "";
  };
  const result = parser.execute(Buffer.from(stream, "latin1"));
  if (result instanceof Error) lines.push(`error ${result.code}`);
  return lines;
}

function visible(fields: readonly string[], hidden: readonly string[]): string {
  const pairs: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!hidden.includes(fields[i]!.toLowerCase())) pairs.push(`${fields[i]}:${fields[i + 1]}`);
  }
  return pairs.join("|");
}
