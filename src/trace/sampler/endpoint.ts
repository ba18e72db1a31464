/** Where a strategy is asked for: `endpoint` with `service` added to its query, if it has one. */
export function strategyUrl(endpoint: string, service: string): string {
  const url = new URL(endpoint);
  const question = `service=${encodeURIComponent(service)}`;
  url.search = url.search === "" ? question : `${url.search}&${question}`;
  return url.href;
}

/** The endpoint for the log, without what may be secret: user, password and query. */
export function shownEndpoint(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname;
}
