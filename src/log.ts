/** What the rest of the program may do with a log. Messages are for people; never per chunk, never per request above debug. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  fatal(message: string): void;
}
