import { describe, expect, test } from "bun:test";
import {
  be32,
  cString,
  decodeAttributes,
  decodeMessages,
  encodeAttributes,
  encodeRequests,
  messageAttributes,
  readCString,
} from "../../ffi/netlink-codec.ts";

const REQUEST = { type: 0xa00, flags: 0x405, family: 1, resourceId: 0x0102 };

describe("encodeRequests", () => {
  test("writes the header in host order and the resource id big-endian", () => {
    const bytes = encodeRequests([{ ...REQUEST, attributes: [] }], 7);
    expect(bytes.toHex()).toBe("14000000000a0504070000000000000001000102");
  });

  test("pads a payload but does not count the padding in its length", () => {
    expect(encodeAttributes([{ type: 3, value: Uint8Array.of(1, 2, 3, 4, 5) }]).toHex()).toBe(
      "090003000102030405000000",
    );
  });

  test("marks an attribute that holds attributes as nested", () => {
    const nest = { type: 1, value: [{ type: 2, value: be32(-101) }] };
    expect(encodeAttributes([nest]).toHex()).toBe("0c00018008000200ffffff9b");
  });

  test("numbers the messages of a batch and aligns each", () => {
    const attributes = [{ type: 1, value: cString("ab") }];
    const bytes = encodeRequests(
      [
        { ...REQUEST, attributes },
        { ...REQUEST, attributes },
      ],
      5,
    );
    expect(decodeMessages(bytes).map((message) => message.sequence)).toEqual([5, 6]);
    expect(bytes.length % 4).toBe(0);
  });
});

describe("decodeMessages", () => {
  const request = {
    ...REQUEST,
    attributes: [
      { type: 1, value: cString("netramesh") },
      { type: 9, value: [] },
    ],
  };
  const datagram = encodeRequests([request, request], 1);

  test("gives back what was encoded", () => {
    const message = decodeMessages(datagram)[1]!;
    expect({ type: message.type, flags: message.flags }).toEqual({ type: 0xa00, flags: 0x405 });
    const [name, nest] = messageAttributes(message.payload);
    expect(readCString(name!.payload)).toBe("netramesh");
    expect(nest).toEqual({ type: 9, payload: new Uint8Array(0) });
  });

  test("survives every truncation with the whole messages before it", () => {
    for (let length = 0; length < datagram.length; length++) {
      expect(decodeMessages(datagram.subarray(0, length))).toHaveLength(length < datagram.length / 2 ? 0 : 1);
    }
  });

  test.each([
    ["message", () => decodeMessages(new Uint8Array(32))],
    ["attribute", () => decodeAttributes(new Uint8Array(32))],
  ])("a %s of length zero ends the list instead of repeating for ever", (_, decode) => {
    expect(decode()).toEqual([]);
  });

  test("a string without its NUL is read to the end", () => {
    expect(readCString(Uint8Array.of(97, 98))).toBe("ab");
  });
});
