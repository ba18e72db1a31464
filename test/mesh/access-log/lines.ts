import { AccessLog } from "../../../src/mesh/access-log/access-log.ts";
import type { AccessFormat } from "../../../src/mesh/access-log/format.ts";
import { Conversation, type ConversationOptions } from "../conversation.ts";

/** 2026-01-02T03:04:05.678901Z. */
export const START_US = 1_767_323_045_678_901;

/** What the access log says of one conversation, line by line. */
export function linesOf(
  format: AccessFormat,
  play: (conversation: Conversation) => void,
  options: ConversationOptions = {},
): string[] {
  let text = "";
  const log = new AccessLog(format, (page) => {
    text += Buffer.from(page).toString("latin1");
  });
  // The clock is read once for the request, so that it shows START_US there.
  const conversation = new Conversation({ observers: [log], startUs: START_US - 1, ...options });
  play(conversation);
  if (conversation.bugs.length > 0) throw conversation.bugs[0];
  log.flush();
  return text.split("\n").slice(0, -1);
}
