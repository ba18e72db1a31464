import { expect, test } from "bun:test";
import { Collector } from "../../../examples/demo/collector.ts";

// emitBatch of service "s" with one span whose ids are 1 and whose operation is "/a".
const PACKET = Uint8Array.fromHex(
  ["82810109656d69744261746368", "1c1c18017300", "191c", "16021600160216001802", "2f61", "00", "0000"].join(
    "",
  ),
);

function lines(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

test("reads lines of base64 however they are cut, and forwards each datagram as it came", async () => {
  const forwarded: string[] = [];
  const collector = new Collector((packet) => forwarded.push(Buffer.from(packet).toString("hex")));
  const text = `${PACKET.toBase64()}\n`.repeat(2);
  await collector.takeLines(lines(text.slice(0, 7), text.slice(7, 70), text.slice(70)));
  expect(collector.spans.map((span) => [span.service, span.operation])).toEqual([
    ["s", "/a"],
    ["s", "/a"],
  ]);
  expect(forwarded).toEqual([Buffer.from(PACKET).toString("hex"), Buffer.from(PACKET).toString("hex")]);
});

test("counts what it cannot read, and forwards it all the same", () => {
  const forwarded: number[] = [];
  const collector = new Collector((packet) => forwarded.push(packet.length));
  collector.take(PACKET.subarray(0, 20));
  expect([collector.spans.length, collector.unreadable, forwarded]).toEqual([0, 1, [20]]);
});

test("waits until as many spans came as must come", async () => {
  const collector = new Collector(() => undefined);
  const arrival = Bun.sleep(30).then(() => collector.take(PACKET));
  await collector.waitFor(1, 60_000, 0);
  expect(collector.spans).toHaveLength(1);
  await arrival;
});

test("gives up on spans that do not come", async () => {
  const collector = new Collector(() => undefined);
  await collector.waitFor(1, 30, 0);
  expect(collector.spans).toEqual([]);
});
