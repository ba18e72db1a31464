import type { Answer } from "../../src/admin/http/answer.ts";
import type { Caller, Handler } from "../../src/admin/http/connection.ts";
import type { HttpRequest } from "../../src/admin/http/request.ts";

export interface Asked {
  readonly method?: string;
  readonly ip?: string;
  readonly host?: string;
  readonly accept?: string;
  readonly body?: string;
  readonly isFromWebPage?: boolean;
  readonly gone?: AbortSignal;
}

/** What `handler` answers to a request for `target`; somebody on loopback asks, if nothing else is said. */
export async function ask(handler: Handler, target: string, asked: Asked = {}): Promise<Answer> {
  const { method = "GET", ip = "127.0.0.1", host = "localhost:14957", ...said } = asked;
  const { accept = "", body = "", isFromWebPage = false } = said;
  const [path = "", query = ""] = target.split("?");
  const request: HttpRequest = {
    method,
    path,
    query: new URLSearchParams(query),
    host,
    accept,
    isFromWebPage,
    body,
  };
  const caller: Caller = {
    ip,
    isLocal: ip === "127.0.0.1",
    gone: asked.gone ?? new AbortController().signal,
  };
  return handler(request, caller);
}
