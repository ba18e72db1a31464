import { acknowledge, dial } from "../../ffi/dial.ts";
import { localAddress, peerAddress } from "../../ffi/endpoints.ts";
import { cork, hasEnded, unacknowledgedBytes, unsentBytes } from "../../ffi/socket.ts";
import type { Address } from "../../src/address.ts";
import type { Kernel } from "../../src/proxy/kernel.ts";

/** A kernel without NAT: every connection goes where `dst` says. Remembers what it was asked to do. */
export class FakeKernel implements Kernel {
  readonly calls: (readonly [string, ...number[]])[] = [];
  families: number[] = [];
  readonly peerAddress = peerAddress;
  readonly localAddress = localAddress;
  dial = dial;
  readonly acknowledge = acknowledge;
  readonly cork = cork;
  readonly hasEnded = hasEnded;
  readonly unacknowledgedBytes = unacknowledgedBytes;
  readonly unsentBytes = unsentBytes;

  constructor(public dst: Address | null) {}

  originalDst(_fd: number, family: 4 | 6): Address | null {
    this.families.push(family);
    return this.dst;
  }

  keepAlive(_fd: number, idleSeconds: number, intervalSeconds: number, probes: number): void {
    this.calls.push(["keepAlive", idleSeconds, intervalSeconds, probes]);
  }

  keepAliveIdle(_fd: number, idleSeconds: number): void {
    this.calls.push(["keepAliveIdle", idleSeconds]);
  }

  receiveBuffer(_fd: number, bytes: number): void {
    this.calls.push(["receiveBuffer", bytes]);
  }

  backlog(_fd: number, length: number): void {
    this.calls.push(["backlog", length]);
  }
}
