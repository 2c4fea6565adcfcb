/** The practice around the page: its name above, its helpdesk below, and the way to its sign-in. */
import { element, fill } from "./dom.js";
import { say } from "./language.js";

/** Show whose page this is. */
export function dress(practice) {
  document.getElementById("practice").textContent = practice.name;
  fill(
    document.getElementById("helpdesk"),
    say(element("p"), "helpdesk", { practice: practice.name }),
    contact("mailto:", practice.helpdeskEmail),
    contact("tel:", practice.helpdeskPhone),
  );
}

/** A link to where the practice's people sign in; in a new tab if that is asked. */
export function signInLink(url, key, newTab) {
  const link = element("a", { class: `button ${newTab ? "secondary" : "primary"}`, href: safe(url) });
  if (newTab) link.target = "_blank";
  link.rel = "noopener noreferrer";
  return element("p", { class: "action" }, say(link, key || "sign_in"));
}

function contact(scheme, address) {
  if (!address) return null;
  const target = scheme === "tel:" ? address.replace(/[^+\d]/g, "") : encodeURIComponent(address);
  return element("p", {}, element("a", { href: scheme + target.replace("%40", "@") }, address));
}

// A practice chooses this address itself; whatever it is, it must not run as a script.
function safe(url) {
  return /^(https?:\/\/|\/)/.test(url) ? url : "#";
}
