/**
 * Access log lines in NCSA's common log format: `host ident authuser [date] "request line" status bytes`. Who the user
 * is we do not know; status and bytes are `-` where unknown, bytes also where there are none.
 */
import type { Head } from "../../http1/head.ts";
import { copyLatin1 } from "../../trace/copy.ts";
import type { Exchange } from "../exchange.ts";
import { escapeCommon, writeQuoted } from "./escape.ts";
import type { AccessFormat } from "./format.ts";
import type { Sheet } from "./sheet.ts";
import { commonDate, Stamp } from "./stamp.ts";
import { piece, writeInt, writePiece } from "./write.ts";

const REQUEST_MAX_BYTES = 1024;

const NOBODY = piece(" - - [");
const REQUEST = piece('] "');
const PROTOCOL = [piece(' HTTP/1.0" '), piece(' HTTP/1.1" ')] as const;
const SPACE = piece(" ");
const UNKNOWN = piece("-");
const END = piece("\n");

const stamp = new Stamp(commonDate);

export const commonFormat: AccessFormat = {
  request(out: Sheet, at: number, _exchange: Exchange, head: Head): number {
    const { buf, start, targetEnd, minor } = head;
    const end = writeQuoted(out, at, buf, start, targetEnd, REQUEST_MAX_BYTES, escapeCommon);
    return writePiece(out, end, PROTOCOL[minor === 0 ? 0 : 1]);
  },

  line(out: Sheet, at: number, { conn, startedAtUs, accessText, status, responseBytes }: Exchange): number {
    let end = copyLatin1(out.bytes, at, conn.client.ip);
    end = writePiece(out, end, NOBODY);
    end = stamp.write(out, end, startedAtUs);
    end = writePiece(out, end, REQUEST);
    end = copyLatin1(out.bytes, end, accessText);
    end = writeCount(out, end, status);
    end = writePiece(out, end, SPACE);
    end = writeCount(out, end, responseBytes);
    return writePiece(out, end, END);
  },
};

function writeCount(out: Sheet, at: number, count: number): number {
  return count > 0 ? writeInt(out, at, count) : writePiece(out, at, UNKNOWN);
}
