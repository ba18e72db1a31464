/** The code that OpenTelemetry generates from its .proto files, which its package does not show. */
declare module "@opentelemetry/otlp-transformer/build/src/generated/root.js" {
  interface MessageType {
    decode(bytes: Uint8Array): object;
    encode(message: object): { finish(): Uint8Array };
    toObject(message: object, options: object): Record<string, unknown>;
  }
  const root: {
    opentelemetry: {
      proto: {
        collector: {
          trace: { v1: { ExportTraceServiceRequest: MessageType; ExportTraceServiceResponse: MessageType } };
        };
      };
    };
  };
  export default root;
}
