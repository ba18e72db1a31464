import type { CollectorConfig } from "./jaeger-env.ts";
import type { OtelConfig } from "./otel-env.ts";

/** The ways out for spans. */
export type Exporter = "jaeger-udp" | "jaeger-http" | "otlp" | "none";

/** Where spans go: JAEGER_ENDPOINT, else what OTEL_TRACES_EXPORTER says, else an OTLP endpoint, else the agent. */
export function chooseExporter(collector: CollectorConfig | null, otel: OtelConfig): Exporter {
  if (collector !== null) return "jaeger-http";
  if (otel.exporter === "jaeger") return "jaeger-udp";
  return otel.exporter ?? (otel.hasEndpoint ? "otlp" : "jaeger-udp");
}

/** Says so when the choice leaves something out that was asked for, else null. */
export function explainExporter(collector: CollectorConfig | null, otel: OtelConfig): string | null {
  if (collector === null || otel.exporter === "jaeger") return null;
  const ignored = otel.exporter === null ? "the OTLP endpoint" : `OTEL_TRACES_EXPORTER=${otel.exporter}`;
  return otel.exporter === null && !otel.hasEndpoint
    ? null
    : `spans go to JAEGER_ENDPOINT, ${ignored} is ignored`;
}
