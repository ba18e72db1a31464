import { describe, expect, test } from "bun:test";
import { CompactBatch } from "../../../src/trace/thrift/compact.ts";
import { type GoldenPacket, goldenPackets, recordGolden } from "../support/golden.ts";

function encode({ process, spans }: GoldenPacket): string {
  const batch = new CompactBatch(process);
  for (const span of spans) expect(batch.add(recordGolden(span))).toBe(true);
  return Buffer.from(batch.message()).toString("hex");
}

/** Go 2.30 sends a CALL with a counting sequence id and adds Batch fields 3 (i64) and 4 (three zeroes). */
function withoutWhatOnly230Sends(hex: string): string {
  return hex.replace(/^8221../, "828101").replace(/16..1c(1600){3}00(0000)$/, "$2");
}

describe("the compact encoder gives the bytes of jaeger-client-go 2.15", () => {
  const packets = [...goldenPackets("v215"), ...goldenPackets("v215b")];

  test("for 24 packets", () => {
    expect(packets.length).toBe(24);
  });

  test.each(packets.map((packet) => [packet.file, packet] as const))("%s", (_file, packet) => {
    expect(encode(packet)).toBe(packet.hex);
  });
});

describe("and those of 2.30 but for message type, sequence id, seqNo and stats", () => {
  const packets = goldenPackets("v230");

  test("for 25 packets", () => {
    expect(packets.length).toBe(25);
  });

  test.each(packets.map((packet) => [packet.file, packet] as const))("%s", (_file, packet) => {
    const trimmed = withoutWhatOnly230Sends(packet.hex);
    expect(trimmed.length).toBe(packet.hex.length - 2 * 10);
    expect(encode(packet)).toBe(trimmed);
  });
});
