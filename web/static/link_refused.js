/** The screen of a link that does nothing (any more): why, and what to do next. */
import { has } from "./language.js";
import { signInLink } from "./practice.js";
import { paragraph, show } from "./screen.js";

const REASONS = /^LINK_(UNKNOWN|EXPIRED|USED|SUPERSEDED|REVOKED|FOREIGN)$/;
const CAN_SIGN_IN = ["USED", "EXPIRED"];

/** Show it if `answer` refuses the link; whether it did. `renewal` is what an expired one may offer. */
export function linkRefused(answer, page, practice, renewal) {
  const found = REASONS.exec(answer.code || "");
  if (!found) return false;
  showLink(found[1], page, next(found[1], practice, renewal));
  return true;
}

function next(reason, practice, renewal) {
  if (reason === "EXPIRED" && renewal) return renewal;
  return CAN_SIGN_IN.includes(reason) ? signInLink(practice.portalUrl) : null;
}

/** Show why the link of a page does nothing, and what can be done. */
export function showLink(reason, page, ...actions) {
  const own = `link.${reason}.${page}`;
  show(`link.${reason}.title`, paragraph(has(own) ? own : `link.${reason}`), ...actions);
}
