import { expect, test } from "bun:test";
import { listens, type Protocol } from "../../../examples/lab/ports.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1
   1: 0100007F:1F91 0100007F:C000 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1
`;
const TCP6 = `   0: 00000000000000000000000000000000:3A6C 00000000000000000000000000000000:0000 0A 00000000:00000000
`;
const UDP = ` 1234: 00000000:1AAF 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4244 2
 1235: 0100007F:1AB0 0100007F:1AAF 01 00000000:00000000 00:00000000 00000000     0        0 4245 2
`;

const ROWS: [string, string, Protocol, number, boolean][] = [
  ["a listener", TCP, "tcp", 8080, true],
  ["a connection that has the port", TCP, "tcp", 8081, false],
  ["a port nobody has", TCP, "tcp", 80, false],
  ["an IPv6 listener behind an IPv4 table", TCP + TCP6, "tcp", 14956, true],
  ["a bound UDP socket", UDP, "udp", 6831, true],
  ["a connected UDP socket", UDP, "udp", 6832, false],
  ["an empty table", "", "tcp", 8080, false],
];

test.each(ROWS)("knows whether %s listens", (_label, table, protocol, port, answer) => {
  expect(listens(table, protocol, port)).toBe(answer);
});
