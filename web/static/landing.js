/** `/p/{slug}`: what can be done without a frontend, or from where people are sent to the practice's own. */
import { FORGOT_LOGIN_CODE, FORGOT_PASSWORD } from "./documents.js";
import { element } from "./dom.js";
import { ask } from "./graphql.js";
import { quote, say } from "./language.js";
import { signInLink } from "./practice.js";
import { alertBox, once, paragraph, show, tell } from "./screen.js";

/** The page; it needs no token. */
export async function landing({ slug, practice }) {
  const portal = new URL(practice.portalUrl, location.href);
  if (portal.origin + portal.pathname === location.origin + location.pathname) showHelp(slug, practice);
  else showElsewhere(practice);
}

function showHelp(slug, { name }) {
  show(
    "landing.title",
    paragraph("landing.text", { practice: name }),
    paragraph("landing.ask", { practice: name }),
    codeRequest(slug),
    linkRequest(slug),
  );
}

/** To have the login code mailed. */
export function codeRequest(slug) {
  const send = (email) => ask(slug, FORGOT_LOGIN_CODE, { input: { practice: slug, email } });
  return requestForm("email", ["landing.code.title", "landing.code.label", "landing.code.submit"], send);
}

/** To have a link for a new password mailed. */
export function linkRequest(slug) {
  const send = (login) => ask(slug, FORGOT_PASSWORD, { input: { practice: slug, login } });
  return requestForm("text", ["landing.password.title", "landing.password.label", "landing.password.submit"], send);
}

/** A form with one field; `send(text)` asks the server, whose words take the form's place. */
function requestForm(type, [title, label, submit], send) {
  const id = `request-${type}`;
  const input = element("input", { id, type, autocomplete: "username", autocapitalize: "none", spellcheck: "false" });
  const alert = alertBox();
  const button = say(element("button", { type: "submit", class: "secondary" }), submit);
  const form = element(
    "form", { method: "post", novalidate: "" },
    element("div", { class: "field" }, say(element("label", { for: id }), label), input),
    alert,
    element("div", { class: "action" }, button),
  );
  const section = element("section", {}, say(element("h2"), title), form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(button, alert, async () => {
      const answer = await send(input.value);
      if (answer.code) tell(alert, answer.message);
      else form.replaceWith(quote(element("p", { role: "status" }), answer.message));
    });
  });
  return section;
}

function showElsewhere({ name, portalUrl }) {
  show("elsewhere.title", paragraph("elsewhere.text", { practice: name }), signInLink(portalUrl));
}
