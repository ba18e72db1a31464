import { expect, test } from "bun:test";
import { readMessage, type ThriftValue } from "../../../examples/demo/compact-thrift.ts";

const HEAD = "82 81 01 01 78"; // ONEWAY, sequence number 1, name "x"
const HELLO = new TextEncoder().encode("hello");

function bytes(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

// Field 1 of a message's arguments; values from the compact protocol's specification, worked out by hand.
const VALUES: [string, string, ThriftValue][] = [
  ["a true field", "11", true],
  ["a false field", "12", false],
  ["a byte", "13 ff", -1n],
  ["an i16", "14 03", -2n],
  ["an i32", "15 d8 04", 300n],
  ["a small i64", "16 01", -1n],
  ["the greatest i64", "16 fe ff ff ff ff ff ff ff ff 01", 9223372036854775807n],
  ["the least i64", "16 ff ff ff ff ff ff ff ff ff 01", -9223372036854775808n],
  ["a double, little-endian", "17 00 00 00 00 00 00 f8 3f", 1.5],
  ["a string", "18 05 68 65 6c 6c 6f", HELLO],
  ["an empty list", "19 0c", []],
  ["a list of integers", "19 35 02 04 06", [1n, 2n, 3n]],
  ["a list of booleans, which have a byte each", "19 21 01 02", [true, false]],
  ["a list whose length has a byte of its own", "19 f3 02 07 08", [7n, 8n]],
  ["a list whose length is a varint longer than it must be", "19 f3 82 00 07 08", [7n, 8n]],
  ["a set", "1a 15 02", [1n]],
  ["a struct", "1c 15 02 00", new Map([[1, 1n]])],
];

test.each(VALUES)("reads %s", (_label, field, value) => {
  expect(readMessage(bytes(`${HEAD} ${field} 00`)).args).toEqual(new Map([[1, value]]));
});

test("reads a field id that is written out because it is far from the one before", () => {
  expect(readMessage(bytes(`${HEAD} 15 02 05 c8 01 04 00`)).args).toEqual(
    new Map([
      [1, 1n],
      [100, 2n],
    ]),
  );
});

test("reads the name of a message of any type and sequence number", () => {
  expect(readMessage(bytes("82 21 ac 02 02 68 69 00")).name).toBe("hi");
});

const UNREADABLE: [string, string][] = [
  ["nothing at all", ""],
  ["another protocol", "80 01 00 01"],
  ["another version", "82 82 01 01 78 00"],
  ["a message that ends in the middle", `${HEAD} 16 80`],
  ["a struct without an end", `${HEAD} 15 02`],
  ["a string longer than the packet", `${HEAD} 18 ff 01 68 00`],
  ["a list longer than the packet", `${HEAD} 19 fc ff ff ff ff 0f 00`],
  ["a varint that never ends", `${HEAD} 16 ${"ff ".repeat(11)}00`],
  ["a type that does not exist", `${HEAD} 1d 00`],
  ["structs nested without end", `${HEAD} ${"1c ".repeat(100)}`],
];

test.each(UNREADABLE)("refuses %s with a RangeError", (_label, packet) => {
  expect(() => readMessage(bytes(packet))).toThrow(RangeError);
});
