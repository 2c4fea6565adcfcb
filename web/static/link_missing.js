/** The screen of an address without its token: some mail programs and scanners drop what stands behind the `#`. */
import { tokenOf } from "./address.js";
import { element, fill } from "./dom.js";
import { codeRequest, linkRequest } from "./landing.js";
import { say } from "./language.js";
import { showLink } from "./link_refused.js";
import { signInLink } from "./practice.js";
import { alertBox, paragraph } from "./screen.js";

/** Ask for the code, which the mail has by itself too; `proceed(token)` goes on. Below: what can be mailed anew. */
export function showLinkMissing(page, slug, practice, proceed) {
  const others = {
    accept: () => codeRequest(slug),
    reset: () => linkRequest(slug),
    verify: () => signInLink(practice.portalUrl),
  };
  showLink("MISSING", page, codeForm(proceed), others[page]());
}

function codeForm(proceed) {
  const input = element("input", {
    id: "code", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
  });
  const alert = alertBox();
  const button = say(element("button", { type: "submit", class: "primary" }), "missing.submit");
  const form = element(
    "form", { method: "post", novalidate: "" },
    element("div", { class: "field" }, say(element("label", { for: "code" }), "missing.code"), input),
    alert,
    element("div", { class: "action" }, button),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = tokenOf(input.value);
    if (token) proceed(token);
    else fill(alert, paragraph("missing.none"));
  });
  return form;
}
