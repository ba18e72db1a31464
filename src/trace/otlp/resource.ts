import type { Process, ProcessTag } from "../process.ts";

/** Who sends the spans, and what recorded them (resource.proto `Resource`, common.proto `InstrumentationScope`). */
export interface Resource {
  /** All of them texts; no key twice. */
  readonly attributes: readonly ProcessTag[];
  readonly scope: { readonly name: string; readonly version: string };
}

const OURSELVES = "netramesh";

/**
 * The resource of this process. `own` are the attributes of OTEL_RESOURCE_ATTRIBUTES; the tags of the process follow
 * under their own names. Of a key given more than once the first counts, and the service name is always the process's.
 */
export function describeResource(process: Process, own: readonly ProcessTag[], version: string): Resource {
  const given = [
    { key: "service.name", value: process.serviceName },
    { key: "telemetry.sdk.name", value: OURSELVES },
    { key: "telemetry.sdk.language", value: "nodejs" },
    { key: "telemetry.sdk.version", value: version },
    ...own,
    ...process.tags,
  ];
  const attributes = [...Map.groupBy(given, ({ key }) => key).values()].map(([first]) => first!);
  return { attributes, scope: { name: OURSELVES, version } };
}
