/** The variables that decide how traces are made and where they go; trace/trace-env.ts parses them. */
import { JAEGER } from "./jaeger-variables.ts";
import { OTEL } from "./otel-variables.ts";
import type { Table } from "./variable.ts";

export const TRACE = {
  NETRA_PROPAGATORS: {
    default: "OTEL_PROPAGATORS",
    value: "comma list of jaeger, tracecontext, b3, b3multi, or none",
    means: "the formats in which contexts are written, and believed first, in this order",
  },
  NETRA_TRACE_INFER: {
    default: "false",
    value: "true or false",
    means:
      "an outbound request that nothing ties to an inbound one belongs to the only one in flight, if there is one",
  },
  NETRA_SEMCONV: {
    default: "jaeger",
    value: "jaeger, otel or both",
    means: "whose names the tags of spans have: 0.10's, OpenTelemetry's, both",
  },
  NETRA_AGENT_PACKET_BYTES: {
    default: "65000",
    value: "bytes from 1024 to 65000",
    means:
      "the largest datagram to a Jaeger agent; beyond the MTU it travels in fragments, smaller costs CPU",
  },
  POD_NAME: {
    default: "none",
    value: "name of the pod",
    means: "where the service's name comes from, its owner's, if nothing else names it",
  },
  POD_NAMESPACE: {
    default: "none",
    value: "namespace of the pod",
    means: "what is put before the name made of POD_NAME",
  },
  ...JAEGER,
  ...OTEL,
} satisfies Table;
