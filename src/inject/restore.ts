/** What uninject must know and cannot see, kept in an annotation of the pod. */
import { parseObject } from "../json.ts";
import type { Metadata, TcpSocket } from "./manifest.ts";
import { RESTORE } from "./names.ts";

export interface Restore {
  /** Annotations that injection added but that have a meaning to others. */
  readonly annotations?: readonly string[];
  /** `container/kind` → the `tcpSocket` of a probe that was rewritten. */
  readonly probes?: Readonly<Record<string, TcpSocket>>;
}

/** Null if there is nothing to know. */
export function formatRestore(
  annotations: readonly string[],
  probes: Restore["probes"] & object,
): string | null {
  const restore = {
    ...(annotations.length > 0 && { annotations }),
    ...(Object.keys(probes).length > 0 && { probes }),
  };
  return Object.keys(restore).length > 0 ? JSON.stringify(restore) : null;
}

/** Null if the annotation is there but is not what injection writes. */
export function parseRestore({ annotations }: Metadata): Restore | null {
  const text = annotations?.[RESTORE];
  if (text === undefined) return {};
  const value = parseObject(text) as Restore | null;
  return Array.isArray(value?.annotations ?? []) ? value : null;
}
