const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there",
  EADDRNOTAVAIL: "this machine does not have that address",
  EACCES: "this user may not use ports that low",
};

/** The code of an error of bind(2) or listen(2), such as EADDRINUSE, in words; an unknown one as it is. */
export function explainListening(code: string): string {
  return CAUSES[code] ?? code;
}
