/** `/p/{slug}/reset`: a new password by a mailed link. It does not sign in. */
import { OPEN_PASSWORD_RESET, RESET_PASSWORD } from "./documents.js";
import { ask } from "./graphql.js";
import { linkRefused } from "./link_refused.js";
import { passwordForm, tellRefusal } from "./password_form.js";
import { signInLink } from "./practice.js";
import { paragraph, show } from "./screen.js";

/** The page, for the token of a mailed link. */
export async function reset(page) {
  const opened = await ask(page.slug, OPEN_PASSWORD_RESET, { token: page.token });
  if (linkRefused(opened, "reset", page.practice)) return;
  const { loginCode, passwordRules } = opened;
  const { form } = passwordForm(
    "reset.submit", (password, alert) => send(page, password, alert), passwordRules, loginCode,
  );
  show("reset.title", paragraph("reset.intro", { practice: page.practice.name }), form);
}

async function send({ slug, token, practice }, password, alert) {
  const answer = await ask(slug, RESET_PASSWORD, { input: { token, password } });
  if (!answer.code) show("changed.title", paragraph("changed.text"), signInLink(practice.portalUrl));
  else if (!linkRefused(answer, "reset", practice)) tellRefusal(alert, answer);
}
