/** `/p/{slug}/verify`: an e-mail address is confirmed by pressing the button, never by following the link. */
import { OPEN_VERIFICATION, VERIFY_EMAIL } from "./documents.js";
import { ask } from "./graphql.js";
import { linkRefused } from "./link_refused.js";
import { ownPasswordForm } from "./password_form.js";
import { signInLink } from "./practice.js";
import { actionButton, paragraph, show, tell } from "./screen.js";

/** The page, for the token of a mailed link. */
export async function verify(page) {
  const opened = await ask(page.slug, OPEN_VERIFICATION, { token: page.token });
  if (linkRefused(opened, "verify", page.practice)) return;
  show(
    "verify.title",
    paragraph("verify.intro", { practice: page.practice.name }),
    actionButton("verify.submit", (alert) => send(page, alert)),
  );
}

function showVerified({ name, portalUrl }) {
  show("verified.title", paragraph("verified.text", { practice: name }), signInLink(portalUrl));
}

function askPassword(page) {
  const { form } = ownPasswordForm("verify.submit", (password, alert) => send(page, alert, password));
  show("verify.title", paragraph("verify.password", { practice: page.practice.name }), form);
}

async function send(page, alert, password = null) {
  const { slug, token, practice } = page;
  const answer = await ask(slug, VERIFY_EMAIL, { token, password });
  if (!answer.code) showVerified(practice);
  else if (answer.code === "PASSWORD_NEEDED") askPassword(page);
  else if (!linkRefused(answer, "verify", practice)) tell(alert, answer.message);
}
