/** What Debian's package indices say of one package: https://wiki.debian.org/DebianRepository/Format. */
export interface DebianPackage {
  readonly architecture: string;
  readonly version: string;
  /** Relative to the root of the archive. */
  readonly path: string;
  readonly sha256: string;
}

/** Reads stanzas as `apt-cache show` prints them. Throws if one lacks a field. */
export function readStanzas(text: string): DebianPackage[] {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((stanza) => ({
      architecture: field(stanza, "Architecture"),
      version: field(stanza, "Version"),
      path: field(stanza, "Filename"),
      sha256: field(stanza, "SHA256"),
    }));
}

function field(stanza: string, name: string): string {
  const value = new RegExp(`^${name}: (.+)$`, "m").exec(stanza)?.[1];
  if (value === undefined) throw new Error(`no field ${name} in\n${stanza}`);
  return value;
}
