/** How traces are made and where they go: what the JAEGER_*, OTEL_* and NETRA_* variables say together. */
import { Bad, bool, type Environment, EnvReader, formatProblem, integer, oneOf } from "../env.ts";
import { chooseExporter, type Exporter, explainExporter } from "./exporter.ts";
import { type JaegerConfig, parseJaegerEnv } from "./jaeger-env.ts";
import { type OtelConfig, parseOtelEnv } from "./otel-env.ts";
import { DEFAULT_PROPAGATORS, type Propagator, parsePropagators } from "./propagation.ts";
import { PACKET_MAX_BYTES } from "./thrift/compact.ts";

export interface TraceConfig {
  /** True: traffic passes, no context is written, no span is made. */
  readonly disabled: boolean;
  readonly exporter: Exporter;
  readonly jaeger: JaegerConfig;
  readonly otel: OtelConfig;
  /** Formats to write, and to believe first, in this order. */
  readonly propagators: readonly Propagator[];
  /** Take the only inbound request in flight for the parent when nothing else tells. */
  readonly infer: boolean;
  /** The largest datagram to an agent. */
  readonly packetBytes: number;
  /** Whose names the tags of spans have. */
  readonly semconv: "jaeger" | "otel" | "both";
}

export interface ParsedTraceEnv {
  /** Defaults stand in for what is wrong; not to be used if there are problems. */
  readonly config: TraceConfig;
  /** What stops the start: variable, value, what would be right. */
  readonly problems: readonly string[];
  /** What is accepted but probably not meant. */
  readonly warnings: readonly string[];
}

/** Parses everything that concerns tracing but the service name. Empty counts as unset. */
export function parseTraceEnv(environment: Environment): ParsedTraceEnv {
  const read = new EnvReader(environment);
  const propagators = readPropagators(read);
  const otel = parseOtelEnv(environment);
  const jaeger = parseJaegerEnv(environment, {
    sampler: otel.config.sampler ?? { type: "remote", param: 0 },
    // What W3C Trace Context wants (section 3.2.2.3).
    traceId128: propagators.includes("tracecontext"),
  });
  const { collector } = jaeger.config;
  const exporter = chooseExporter(collector, otel.config);
  const config: TraceConfig = Object.freeze({
    disabled: jaeger.config.disabled || otel.config.disabled,
    exporter,
    jaeger: jaeger.config,
    otel: otel.config,
    propagators,
    infer: read.value("NETRA_TRACE_INFER", false, bool),
    packetBytes: read.value("NETRA_AGENT_PACKET_BYTES", PACKET_MAX_BYTES, integer(1024, PACKET_MAX_BYTES)),
    semconv: read.value("NETRA_SEMCONV", "jaeger", oneOf("jaeger", "otel", "both")),
  });
  const left = explainExporter(collector, otel.config);
  // Wrong OTEL_* values may be meant for the application next door: they stop us only if we would use them.
  const usesOtel = exporter === "otlp";
  return {
    config,
    problems: [...read.problems.map(formatProblem), ...jaeger.problems, ...(usesOtel ? otel.problems : [])],
    warnings: [
      ...jaeger.warnings,
      ...otel.warnings,
      ...(usesOtel
        ? []
        : otel.problems.map(
            (problem) => `${problem}; ignored, as wrong values are where spans do not go by OTLP`,
          )),
      ...(left === null ? [] : [left]),
    ],
  };
}

/** NETRA_PROPAGATORS is ours and strict; OTEL_PROPAGATORS may name formats that only the application knows. */
function readPropagators(read: EnvReader): readonly Propagator[] {
  const own = read.value<readonly Propagator[] | null>("NETRA_PROPAGATORS", null, parsePropagators);
  if (own !== null) return own;
  const shared = parsePropagators(read.text("OTEL_PROPAGATORS", DEFAULT_PROPAGATORS.join(",")));
  return shared instanceof Bad ? DEFAULT_PROPAGATORS : shared;
}
