/** `/p/{slug}/accept`: an invited person chooses a password and gets a login code. */
import { element, fill } from "./dom.js";
import { ACCEPT_INVITATION, ASK_NEW_INVITATION, LINK_INVITATION, OPEN_INVITATION, VIEWER } from "./documents.js";
import { ask } from "./graphql.js";
import { say } from "./language.js";
import { linkRefused } from "./link_refused.js";
import { passwordForm, tellRefusal, tellUsername } from "./password_form.js";
import { dress, signInLink } from "./practice.js";
import { actionButton, paragraph, show, tell } from "./screen.js";

/** The page, for the token of a mailed link. Throws Trouble. */
export async function accept({ slug, token, practice }) {
  const opened = await ask(slug, OPEN_INVITATION, { token });
  const page = { slug, token, opened, practice: opened.practice || practice, anotherPerson: false };
  if (refused(page, opened)) return;
  dress(page.practice);
  showForm(page);
}

/** Answers the alert of the form. */
function showForm(page) {
  const { personName, expiresAt, passwordRules } = page.opened;
  const { timeZone } = page.practice;
  const { form, alert } = passwordForm("accept.submit", async (password) => {
    const refusal = await send(page, password);
    if (refusal) tellRefusal(alert, refusal);
  }, passwordRules);
  show(
    "accept.title",
    paragraph("accept.intro", { name: personName, practice: page.practice.name }),
    form,
    say(element("p", { class: "hint" }), "accept.next", { practice: page.practice.name }),
    say(element("p", { class: "hint" }), "accept.expires", { expires: new Date(expiresAt), timeZone }),
    actionButton("accept.have", () => showExisting(page, null), "quiet"),
  );
  return alert;
}

/** Shows what comes of it, or answers a refusal that is to be told next to what was pressed. */
async function send(page, password) {
  const input = { token: page.token, password, anotherPerson: page.anotherPerson };
  const answer = await ask(page.slug, ACCEPT_INVITATION, { input });
  if (answer.__typename === "AccountMade") {
    tellUsername(answer.loginCode);
    showMade(answer, page.practice.name);
  } else if (answer.__typename === "LoginReopened")
    show("linked.title", paragraph("linked.text"), signInLink(answer.portalUrl));
  else if (answer.__typename === "AccountExists") showExisting(page, password);
  else if (!refused(page, answer)) return answer;
  return null;
}

function showMade({ loginCode, signsInByEmail, portalUrl }, practice) {
  const digit = loginCode.replace(/\s/g, "").split("").join(" ");
  show(
    "made.title",
    paragraph("made.code"),
    element(
      "p", { class: "code" },
      element("span", { "aria-hidden": "true" }, loginCode),
      // Read digit by digit, not as two numbers.
      element("span", { class: "unseen" }, digit),
    ),
    paragraph("made.keep"),
    signsInByEmail ? paragraph("made.email") : null,
    paragraph("made.next", { practice }),
    signInLink(portalUrl),
  );
}

/** Someone signs in with this address already: link that account or, with a `password`, make another one. */
function showExisting(page, password) {
  const another = async (alert) => {
    page.anotherPerson = true;
    const refusal = await send(page, password);
    // The password is judged after the address; the form comes back for another one.
    if (refusal) tellRefusal(refusal.weaknesses ? showForm(page) : alert, refusal);
  };
  const back = () => {
    page.anotherPerson = false;
    showForm(page);
  };
  show(
    "exists.title",
    password === null ? null : paragraph("exists.found", { practice: page.practice.name }),
    element(
      "section", {},
      say(element("h2"), "exists.mine"),
      paragraph("exists.how"),
      signInLink(page.practice.portalUrl, "exists.sign_in", true),
      actionButton("exists.link", (alert) => askWho(page, alert)),
    ),
    password === null ? null : element(
      "section", {},
      say(element("h2"), "exists.other"),
      paragraph("exists.shared"),
      actionButton("exists.another", another, "secondary"),
    ),
    actionButton("exists.back", back, "quiet"),
  );
}

/** In a browser that people share the account may be another one's than they think. */
async function askWho(page, alert) {
  const viewer = await ask(page.slug, VIEWER, {});
  if (!viewer) return fill(alert, paragraph("exists.nobody"));
  return show(
    "exists.title",
    paragraph("exists.who", { name: viewer.name, practice: page.practice.name }),
    actionButton("exists.link", (told) => link(page, viewer, told)),
    actionButton("exists.back", () => showExisting(page, null), "quiet"),
  );
}

async function link(page, viewer, alert) {
  const answer = await ask(page.slug, LINK_INVITATION, { token: page.token }, viewer.id);
  if (answer.__typename === "InvitationLinked") show("linked.title", paragraph("linked.text"));
  else if (!refused(page, answer)) tell(alert, answer.message);
}

function refused(page, answer) {
  const renewal = actionButton("renew.submit", (alert) => renew(page, alert));
  return linkRefused(answer, "accept", page.practice, renewal);
}

async function renew(page, alert) {
  const answer = await ask(page.slug, ASK_NEW_INVITATION, { token: page.token });
  if (answer.__typename === "InvitationRenewalAsked") show("renewed.title", paragraph("renewed.text"));
  else if (!refused(page, answer)) tell(alert, answer.message);
}
