import { networkInterfaces } from "node:os";

/** A tag of the process: always text. */
export interface ProcessTag {
  readonly key: string;
  readonly value: string;
}

/** Who sends the spans (jaeger.thrift `Process`). */
export interface Process {
  readonly serviceName: string;
  readonly tags: readonly ProcessTag[];
}

/** What is known about where we run; injected. */
export interface Surroundings {
  readonly version: string;
  readonly hostname: string;
  /** The address to show, or null when there is none. */
  readonly ip: string | null;
  /** Sixteen hexadecimal digits or fewer, different for every start. */
  readonly uuid: string;
}

/** The process with the tags of jaeger-client-go in its order (tracer.go `NewTracer`): the operator's come first. */
export function describeProcess(serviceName: string, own: readonly ProcessTag[], at: Surroundings): Process {
  const tags = [...own, { key: "jaeger.version", value: `netramesh-ts-${at.version}` }];
  const given = new Set(own.map((tag) => tag.key));
  if (!given.has("hostname")) tags.push({ key: "hostname", value: at.hostname });
  if (!given.has("ip") && at.ip !== null) tags.push({ key: "ip", value: at.ip });
  tags.push({ key: "client-uuid", value: at.uuid });
  return { serviceName, tags };
}

/** The first address of this machine that is not loopback, IPv4 preferred (jaeger-client-go utils/localip.go). */
export function ownIp(interfaces = networkInterfaces()): string | null {
  const outside = Object.values(interfaces).flatMap((list) => list?.filter((entry) => !entry.internal) ?? []);
  const preferred = outside.find((entry) => entry.family === "IPv4") ?? outside[0];
  return preferred?.address ?? null;
}
