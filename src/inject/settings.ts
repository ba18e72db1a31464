/** What can be chosen about an injection: by switches for all workloads, by annotations for one. */

export interface Settings {
  readonly image: string;
  /** A restartable init container (Kubernetes 1.29), else one more container. */
  readonly native: boolean;
  /** Whether the application starts only when the sidecar is ready. */
  readonly awaited: boolean;
  /** The user and group that the sidecar runs as. */
  readonly uid: number;
  readonly resources: Resources;
  /** NETRA_*, JAEGER_* and so on, for whichever of the two containers reads them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Quantities as Kubernetes writes them. */
export interface Resources {
  readonly cpuRequest?: string;
  readonly memoryRequest?: string;
  readonly cpuLimit?: string;
  readonly memoryLimit?: string;
}

export type SettingsPatch = Partial<Settings>;

/** Later settings win; resources and variables one by one. */
export function withPatch(settings: Settings, patch: SettingsPatch): Settings {
  return {
    ...settings,
    ...patch,
    resources: { ...settings.resources, ...patch.resources },
    env: { ...settings.env, ...patch.env },
  };
}
