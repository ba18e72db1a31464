import { Profile } from "pprof-format";

/** A profile as people read it. */
export interface Decoded {
  readonly profile: Profile;
  readonly sampleTypes: string[];
  /** Each stack with the innermost function first, and its values. */
  readonly samples: { stack: string[]; values: number[] }[];
}

/** What a pprof tool makes of a file. */
export function decode(gzipped: Uint8Array): Decoded {
  const profile = Profile.decode(Bun.gunzipSync(new Uint8Array(gzipped)));
  const text = (index: unknown) => profile.stringTable.strings[Number(index)]!;
  const functions = new Map(profile.function.map(({ id, name }) => [Number(id), text(name)]));
  const locations = new Map(
    profile.location.map(({ id, line }) => [Number(id), functions.get(Number(line[0]!.functionId))!]),
  );
  return {
    profile,
    sampleTypes: profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`),
    samples: profile.sample.map(({ locationId, value }) => ({
      stack: locationId.map((id) => locations.get(Number(id))!),
      values: value.map(Number),
    })),
  };
}
