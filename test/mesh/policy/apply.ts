/** Applies one policy to a request with given field lines. */
import { HeadEdit } from "../../../src/http1/edit.ts";
import { Framing } from "../../../src/http1/framing.ts";
import { MessageParser } from "../../../src/http1/parser.ts";
import { Exchange, type Policy } from "../../../src/mesh/exchange.ts";
import type { Direction } from "../../../src/proxy/handler.ts";
import { connInfo } from "../conversation.ts";

export interface Request {
  readonly direction?: Direction;
  readonly requestId?: string;
  readonly ignored?: boolean;
  /** Whole lines. */
  readonly lines?: string;
}

export interface Applied {
  /** What the field lines are afterwards. */
  readonly fields: string;
  readonly exchange: Exchange;
}

export function apply(policy: Policy, request: Request): Applied {
  const { direction = "inbound", requestId = "", ignored = false, lines = "" } = request;
  const edit = new HeadEdit();
  const out = Buffer.alloc(32 * 1024);
  let fields = "";
  const exchange = new Exchange(connInfo(direction));
  exchange.begin();
  exchange.requestId = requestId;
  exchange.ignored = ignored;
  const parser = new MessageParser("request", {
    begin: () => null,
    head: (head) => {
      edit.begin(head);
      exchange.target.read(head, false);
      policy.apply(exchange, head, edit);
      fields = out.toString("latin1", 0, edit.render(out, 0)).slice("GET / HTTP/1.1\r\n".length, -2);
      return Framing.None;
    },
    wire: () => {},
    end: () => {},
    opaque: (reason) => {
      throw new Error(reason);
    },
  });
  parser.push(Buffer.from(`GET / HTTP/1.1\r\n${lines}\r\n`, "latin1"));
  return { fields, exchange };
}
