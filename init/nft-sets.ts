/**
 * The elements of an interval set of ports: boundaries in ascending order. A boundary starts an interval, or, with
 * NFT_SET_ELEM_INTERVAL_END, is the first value after one.
 */
import {
  type Attribute,
  be32,
  decodeAttributes,
  type Message,
  messageAttributes,
} from "../ffi/netlink-codec.ts";
import type { Range } from "./ranges.ts";

const NFTA_LIST_ELEM = 1;
const NFTA_SET_ELEM_KEY = 1;
const NFTA_SET_ELEM_FLAGS = 3;
const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
const NFTA_DATA_VALUE = 1;
const NFT_SET_ELEM_INTERVAL_END = 1;
const PORT_MAX = 65_535;

/** An attribute holds at most 65,535 bytes; a boundary takes at most 24. */
const BOUNDARIES_PER_MESSAGE = 2000;

interface Boundary {
  readonly port: number;
  readonly isEnd: boolean;
}

/** The elements for NFTA_SET_ELEM_LIST_ELEMENTS, in as many messages as they need. */
export function setElements(ranges: readonly Range[]): Attribute[][] {
  const elements = boundaries(ranges).map(encode);
  const messages = Math.ceil(elements.length / BOUNDARIES_PER_MESSAGE);
  return Array.from({ length: messages }, (_, i) =>
    elements.slice(i * BOUNDARIES_PER_MESSAGE, (i + 1) * BOUNDARIES_PER_MESSAGE),
  );
}

/** Nothing ends after the last port; the first boundary says that 0 is outside, as in nft's own sets. */
function boundaries(ranges: readonly Range[]): Boundary[] {
  const inside = ranges.flatMap(({ first, last }) => [
    { port: first, isEnd: false },
    ...(last < PORT_MAX ? [{ port: last + 1, isEnd: true }] : []),
  ]);
  return [{ port: 0, isEnd: true }, ...inside];
}

function encode({ port, isEnd }: Boundary): Attribute {
  const key = { type: NFTA_DATA_VALUE, value: Uint8Array.of(port >> 8, port & 0xff) };
  const flags = isEnd ? [{ type: NFTA_SET_ELEM_FLAGS, value: be32(NFT_SET_ELEM_INTERVAL_END) }] : [];
  return { type: NFTA_LIST_ELEM, value: [...flags, { type: NFTA_SET_ELEM_KEY, value: [key] }] };
}

/** Whether a dump of a set holds exactly these ports. The kernel has its own order of elements. */
export function holdsPorts(dump: readonly Message[], ranges: readonly Range[]): boolean {
  const found = dump.flatMap(({ payload }) =>
    messageAttributes(payload)
      .filter(({ type }) => type === NFTA_SET_ELEM_LIST_ELEMENTS)
      .flatMap((list) => decodeAttributes(list.payload).map((element) => decode(element.payload))),
  );
  return sorted(found).join() === sorted(boundaries(ranges).map(boundaryText)).join();
}

function decode(element: Uint8Array): string {
  const attributes = decodeAttributes(element);
  const key = attributes.find(({ type }) => type === NFTA_SET_ELEM_KEY);
  const flags = attributes.find(({ type }) => type === NFTA_SET_ELEM_FLAGS);
  const [value] = key ? decodeAttributes(key.payload) : [];
  const [high = 0, low = 0] = value?.payload ?? [];
  return boundaryText({ port: (high << 8) | low, isEnd: flags?.payload[3] === NFT_SET_ELEM_INTERVAL_END });
}

function boundaryText({ port, isEnd }: Boundary): string {
  return isEnd ? `${port} end` : `${port}`;
}

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted();
}
