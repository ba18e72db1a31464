import { ANY } from "./segment.ts";

/** Of each place in a path so many names are told apart; what comes later is `*`. */
const MAX_NAMES = 10;

/** A place in paths that share what is before it. */
class Place {
  /** Names, `{id}` and `*` → the place behind them; null while there are none. */
  next: Map<string, Place> | null = null;
  /** How many of those are names. */
  names = 0;
  /** A path that was learnt ends here. */
  isRoute = false;
}

/**
 * The routes of a service, guessed from the paths it is asked for. Segments that look like data are already replaced
 * (`segment.ts`); what is left is bounded place by place, so that data that looks like names ends as `*`.
 */
export class RouteTree {
  #root = new Place();

  /** The route of a path given by its segments; null if none was learnt that fits. */
  find(segments: readonly string[]): string | null {
    let place = this.#root;
    let route = "";
    for (const segment of segments) {
      const shown = shownAs(place, segment);
      const next = place.next?.get(shown);
      if (next === undefined) return null;
      place = next;
      route += `/${shown}`;
    }
    return place.isRoute ? route : null;
  }

  /** Adds the route of a path given by its segments, and returns it. */
  learn(segments: readonly string[]): string {
    let place = this.#root;
    let route = "";
    for (const segment of segments) {
      const shown = shownAs(place, segment);
      place = enter(place, shown);
      route += `/${shown}`;
    }
    place.isRoute = true;
    return route;
  }

  /** Forgets everything but these routes. */
  keep(routes: Iterable<string>): void {
    this.#root = new Place();
    for (const route of routes) this.learn(route.slice(1).split("/"));
  }
}

function shownAs({ next, names }: Place, segment: string): string {
  return names < MAX_NAMES || !isName(segment) || next?.has(segment) ? segment : ANY;
}

function enter(place: Place, segment: string): Place {
  place.next ??= new Map();
  let next = place.next.get(segment);
  if (next === undefined) {
    next = new Place();
    place.next.set(segment, next);
    if (isName(segment)) place.names++;
  }
  return next;
}

/** `{id}` and `*` stand for any number of segments. */
function isName(segment: string): boolean {
  return segment[0] !== "{" && segment !== ANY;
}
