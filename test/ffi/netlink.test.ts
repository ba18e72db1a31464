import { describe, expect, test } from "bun:test";
import { decodeRefusal, KernelError, type Netlink, openNetlink } from "../../ffi/netlink.ts";
import { cString, type Request } from "../../ffi/netlink-codec.ts";

const [NLM_F_CAPPED, NLM_F_ACK_TLVS] = [0x100, 0x200];
const HEADER = "00".repeat(16);
const TLVS = "0a00010077726f6e67000000" + "0800020014000000";

function error(flags: number, hex: string) {
  return decodeRefusal({ type: 2, flags, sequence: 9, payload: Uint8Array.fromHex(hex) }, 3);
}

describe("decodeRefusal", () => {
  test("error 0 is an acknowledgement", () => {
    expect(error(NLM_F_CAPPED, `00000000${HEADER}`)).toBeNull();
  });

  test("the end of a dump may carry an error, and carries 0 if it does not", () => {
    expect(error(0, "00000000")).toBeNull();
    expect(error(0, "f4ffffff")?.errno).toBe(12);
  });

  test("reads the kernel's words and the offset behind a capped header", () => {
    const refusal = { request: 3, detail: "wrong", offset: 20 };
    expect(error(NLM_F_CAPPED | NLM_F_ACK_TLVS, `feffffff${HEADER}${TLVS}`)).toEqual(
      new KernelError("request", 2, refusal),
    );
  });

  test("reads them behind a message echoed in full, with its padding", () => {
    const echoed = `15000000${"00".repeat(12)}aabbccdd11000000`;
    expect(error(NLM_F_ACK_TLVS, `feffffff${echoed}${TLVS}`)?.refusal?.detail).toBe("wrong");
  });

  test("has neither without the flag that announces them", () => {
    const refusal = { request: 3, detail: null, offset: null };
    expect(error(0, `ffffffff${HEADER}`)).toEqual(new KernelError("request", 1, refusal));
  });
});

describe("a netlink socket", () => {
  const NEWCHAIN = 0xa03;
  const boundary = (type: number): Request => ({ type, flags: 1, family: 0, resourceId: 10, attributes: [] });
  const inUnknownTable = (name: string): Request => ({
    type: NEWCHAIN,
    flags: 0x405,
    family: 1,
    resourceId: 0,
    attributes: [
      { type: 1, value: cString("netramesh-test-unknown") },
      { type: 3, value: cString(name) },
    ],
  });

  function withSocket<T>(use: (netlink: Netlink) => T): T {
    const netlink = openNetlink();
    if (netlink instanceof KernelError) throw new Error(`${netlink.call}: errno ${netlink.errno}`);
    try {
      return use(netlink);
    } finally {
      netlink.close();
    }
  }

  test("reports every refused request of a batch by its index, and where it is wrong", () => {
    const requests = [boundary(0x10), inUnknownTable("a"), inUnknownTable("b"), boundary(0x11)];
    const errors = withSocket((netlink) => netlink.transact(requests));
    expect(errors.map(({ errno, refusal }) => [errno, refusal?.request, refusal?.offset])).toEqual([
      [2, 1, 20],
      [2, 2, 20],
    ]);
  });

  test("reports a batch that the kernel does not even begin", () => {
    const noSuchSubsystem = { ...boundary(0x10), resourceId: 77 };
    const errors = withSocket((netlink) =>
      netlink.transact([noSuchSubsystem, inUnknownTable("a"), inUnknownTable("b"), boundary(0x11)]),
    );
    expect(errors.map(({ call, refusal }) => [call, refusal?.request])).toEqual([["request", 0]]);
  });

  test("keeps the answers of one batch apart from those of the next", () => {
    const failing = [boundary(0x10), inUnknownTable("a"), boundary(0x11)];
    withSocket((netlink) => {
      expect(netlink.transact(failing)).toHaveLength(1);
      expect(netlink.transact([boundary(0x10), boundary(0x11)])).toEqual([]);
      expect(netlink.transact(failing)).toHaveLength(1);
    });
  });

  test("gives the refusal of a dump as a value", () => {
    const dump = { type: 0xaff, flags: 0x301, family: 1, resourceId: 0, attributes: [] };
    expect(withSocket((netlink) => netlink.dump(dump))).toBeInstanceOf(KernelError);
  });
});
