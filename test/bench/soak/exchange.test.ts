import { afterEach, expect, test } from "bun:test";
import type { TCPSocketListener } from "bun";
import { ask, expectEnd, get, post, type Request, receive } from "../../../bench/soak/exchange.ts";
import { readHead, sendBody } from "../../../bench/soak/message.ts";
import { isStretch, stretch } from "../../../bench/soak/pattern.ts";
import { Wire } from "../../../bench/soak/wire.ts";

let listener: TCPSocketListener<Wire> | undefined;
afterEach(() => listener?.stop(true));

/** A connection to a server that answers every request with what `answer` writes. */
async function connectTo(answer: (wire: Wire) => Promise<void>): Promise<Wire> {
  listener = Wire.listen(0, async (wire) => {
    await readHead(wire);
    await answer(wire);
  });
  return Wire.connect("127.0.0.1", listener.port);
}

function response(id: number, bytes: number): Uint8Array {
  return Buffer.from(`HTTP/1.1 200 OK\r\nX-Exchange: ${id}\r\nContent-Length: ${bytes}\r\n\r\n`);
}

const REQUEST: Request = { id: 7, bytes: 1_000_000 };

test("a body that arrives whole and in order is right", async () => {
  const wire = await connectTo(async (wire) => {
    await wire.write(response(7, REQUEST.bytes));
    await sendBody(wire, 7, REQUEST.bytes);
    wire.finish();
  });
  await get(wire, REQUEST);
  await expectEnd(wire);
});

const damages: [label: string, answer: (wire: Wire) => Promise<void>, complaint: string][] = [
  ["another exchange's response", (wire) => wire.write(response(8, 0)), "is that to 8"],
  ["no response", async (wire) => wire.finish(), "no response to 7"],
  [
    "a body that ends early",
    async (wire) => {
      await wire.write(response(7, REQUEST.bytes));
      await sendBody(wire, 7, 999_999);
      wire.finish();
    },
    "ends after 999999",
  ],
  [
    "two pieces in the wrong order",
    async (wire) => {
      await wire.write(response(7, REQUEST.bytes));
      await wire.write(stretch(7, 100, 100));
      await wire.write(stretch(7, 0, 100));
    },
    "wrong bytes",
  ],
  [
    "a reset in the middle",
    async (wire) => {
      await wire.write(response(7, REQUEST.bytes));
      wire.reset();
    },
    "reset",
  ],
];

test.each(damages)("%s is found", async (_, answer, complaint) => {
  const wire = await connectTo(answer);
  await ask(wire, REQUEST);
  await expect(receive(wire, REQUEST)).rejects.toThrow(complaint);
});

test("a refused request body is found", async () => {
  const wire = await connectTo((wire) => wire.write(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")));
  await expect(post(wire, { id: 7, bytes: 10 })).rejects.toThrow("400");
});

test("bytes after the end are found", async () => {
  const wire = await connectTo((wire) => wire.write(Buffer.concat([response(7, 0), Buffer.from("x")])));
  await get(wire, { id: 7, bytes: 0 });
  await expect(expectEnd(wire)).rejects.toThrow("1 bytes too many");
});

test("bodies of neighbours differ, wherever they are cut", () => {
  const piece = stretch(7, 5000, 64);
  expect(isStretch(7, 5000, piece)).toBe(true);
  expect(isStretch(8, 5000, piece)).toBe(false);
  expect(isStretch(7, 5001, piece)).toBe(false);
});

test("a body goes on where the sequence begins anew", () => {
  const whole = 600_000;
  const bytes = new Uint8Array(whole);
  for (let at = 0; at < whole; ) {
    const piece = stretch(3, at, whole - at);
    bytes.set(piece, at);
    at += piece.length;
  }
  expect(isStretch(3, 0, bytes)).toBe(true);
  bytes[550_000]! ^= 1;
  expect(isStretch(3, 0, bytes)).toBe(false);
});
