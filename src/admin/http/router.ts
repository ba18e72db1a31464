import { type Answer, text, wrongMethod } from "./answer.ts";
import type { Caller, Handler } from "./connection.ts";
import type { HttpRequest } from "./request.ts";

/** What a path answers to each method. HEAD is answered as GET. */
export type Route = Readonly<Partial<Record<"GET" | "PUT" | "POST", Handler>>>;

/** The handler of a port: `routes` by path, `other` for every path that is not among them. */
export function router(routes: Readonly<Record<string, Route>>, other: Route): Handler {
  const byPath = new Map(Object.entries(routes));
  return (request, caller) => {
    const route = byPath.get(request.path) ?? other;
    const handler = handlerOf(route, request.method);
    if (handler === null) return wrongMethod(methodsOf(route));
    return refuseChange(request, caller) ?? handler(request, caller);
  };
}

function handlerOf(route: Route, method: string): Handler | null {
  const name = method === "HEAD" ? "GET" : method;
  return Object.hasOwn(route, name) ? route[name as keyof Route]! : null;
}

function methodsOf(route: Route): string {
  return Object.keys(route)
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    .join(", ");
}

/** Whoever may look from afar may not change anything, nor may a web page that somebody on this machine has open. */
function refuseChange({ method, isFromWebPage }: HttpRequest, { isLocal }: Caller): Answer | null {
  if (method === "GET" || method === "HEAD") return null;
  if (!isLocal) return text(403, "only from within the pod, by loopback");
  return isFromWebPage ? text(403, "not from a web page") : null;
}
