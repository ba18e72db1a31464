/** Access log lines as JSON objects. What is not known is left out. */
import type { Head } from "../../http1/head.ts";
import { copyLatin1 } from "../../trace/copy.ts";
import { writeTraceId } from "../../trace/hex.ts";
import type { Exchange, Outcome } from "../exchange.ts";
import { USER_AGENT_FIELD } from "../tag-field.ts";
import { escapeJson, writeQuoted, writeQuotedText } from "./escape.ts";
import type { AccessFormat } from "./format.ts";
import type { Sheet } from "./sheet.ts";
import { rfc3339, Stamp } from "./stamp.ts";
import { type Piece, piece, writeInt, writeMs, writePiece, writeThousandths } from "./write.ts";

const VALUE_MAX_BYTES = 256;
const PATH_MAX_BYTES = 1024;

const TIME = piece('{"time":"');
const DIRECTION = {
  inbound: piece('Z","direction":"inbound"'),
  outbound: piece('Z","direction":"outbound"'),
};
const CLIENT = piece(',"client":"');
const UPSTREAM = piece('","upstream":"');
const METHOD = piece('","method":"');
const PATH = piece('","path":"');
const PROTOCOL = [piece('","protocol":"HTTP/1.0"'), piece('","protocol":"HTTP/1.1"')] as const;
const HOST = piece(',"host":"');
const USER_AGENT = piece('","user_agent":"');
const REQUEST_ID = piece('","request_id":"');
const TRACE_ID = piece('","trace_id":"');
const QUOTE = piece('"');
const REQUEST_BYTES = piece(',"request_bytes":');
const STATUS = piece(',"status":');
const RESPONSE_BYTES = piece(',"response_bytes":');
const OUTCOME: Readonly<Record<Outcome, Piece>> = {
  complete: piece(',"outcome":"complete"'),
  tunnel: piece(',"outcome":"tunnel"'),
  unreadable: piece(',"outcome":"unreadable"'),
  aborted: piece(',"outcome":"aborted"'),
  "client-left": piece(',"outcome":"client-left"'),
};
const DURATION = piece(',"duration_ms":');
const END = piece("}\n");
const POINT = 46;

const stamp = new Stamp(rfc3339);

export const jsonFormat: AccessFormat = {
  request(out: Sheet, at: number, exchange: Exchange, head: Head, requestBytes: number): number {
    const { buf, start, methodEnd, targetStart, targetEnd, minor } = head;
    const { hostStart, hostEnd } = exchange.target;
    let end = writePiece(out, at, METHOD);
    end = writeQuoted(out, end, buf, start, methodEnd, VALUE_MAX_BYTES, escapeJson);
    end = writePiece(out, end, PATH);
    end = writeQuoted(out, end, buf, targetStart, targetEnd, PATH_MAX_BYTES, escapeJson);
    end = writePiece(out, end, PROTOCOL[minor === 0 ? 0 : 1]);
    end = writePiece(out, end, HOST);
    end = writeQuoted(out, end, buf, hostStart, hostEnd, VALUE_MAX_BYTES, escapeJson);
    end = writeUserAgent(out, end, head);
    end = writePiece(out, end, REQUEST_ID);
    end = writeQuotedText(out, end, exchange.requestId, VALUE_MAX_BYTES, escapeJson);
    end = writeTrace(out, end, exchange);
    end = writePiece(out, end, QUOTE);
    return writeKnown(out, end, REQUEST_BYTES, requestBytes);
  },

  line(out: Sheet, at: number, exchange: Exchange): number {
    const { startedAtUs, endedAtUs, conn, accessText, status, responseBytes, outcome } = exchange;
    let end = writePiece(out, at, TIME);
    end = writeTime(out, end, startedAtUs);
    end = writePiece(out, end, DIRECTION[conn.direction]);
    end = writePiece(out, end, CLIENT);
    end = copyLatin1(out.bytes, end, exchange.clientAddress);
    end = writePiece(out, end, UPSTREAM);
    end = copyLatin1(out.bytes, end, exchange.upstreamAddress);
    end = copyLatin1(out.bytes, end, accessText);
    end = writeKnown(out, end, STATUS, status > 0 ? status : -1);
    end = writeKnown(out, end, RESPONSE_BYTES, status > 0 ? responseBytes : -1);
    end = writePiece(out, end, OUTCOME[outcome]);
    end = writePiece(out, end, DURATION);
    end = writeMs(out, end, endedAtUs - startedAtUs);
    return writePiece(out, end, END);
  },
};

/** When the request's head was complete. */
function writeTime(out: Sheet, at: number, us: number): number {
  const end = stamp.write(out, at, us);
  out.bytes[end] = POINT;
  return writeThousandths(out, end + 1, Math.floor(us / 1000) % 1000);
}

function writeUserAgent(out: Sheet, at: number, head: Head): number {
  const i = head.find(USER_AGENT_FIELD);
  if (i < 0) return at;
  const end = writePiece(out, at, USER_AGENT);
  return writeQuoted(out, end, head.buf, head.valueStart(i), head.valueEnd(i), VALUE_MAX_BYTES, escapeJson);
}

function writeTrace(out: Sheet, at: number, { traced, context }: Exchange): number {
  return traced ? writeTraceId(out.bytes, writePiece(out, at, TRACE_ID), context) : at;
}

/** Nothing for a negative number. */
function writeKnown(out: Sheet, at: number, key: Piece, value: number): number {
  return value < 0 ? at : writeInt(out, writePiece(out, at, key), value);
}
