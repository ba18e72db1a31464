import type { Wire } from "../wire.ts";

/** What a turn of an activity may use. */
export interface Turn {
  /** A new connection to the HTTP server, or to the one that echoes. */
  dial(to: "http" | "echo"): Promise<Wire>;
  /** To be called after every exchange that was found right. */
  counted(): void;
}

/** Something clients do. Several of them do it at once, again and again, each with connections of its own. */
export interface Activity {
  readonly name: string;
  readonly clients: number;
  /** How long each of them rests between turns. */
  readonly restMs: number;
  /** Throws if anything was not as it must be. */
  run(turn: Turn): Promise<void>;
}
