/** What every page is made of: one screen at a time, and buttons that work once at a time. */
import { element, fill } from "./dom.js";
import { Trouble } from "./graphql.js";
import { quote, say } from "./language.js";

/** A paragraph with a text of the catalog. */
export function paragraph(key, values) {
  return say(element("p"), key, values);
}

/** Show a screen under its heading, which also names the document; a screen reader starts there. */
export function show(title, ...content) {
  const heading = say(element("h1", { tabindex: "-1" }), title);
  fill(document.getElementById("main"), heading, ...content);
  say(document.querySelector("title"), title);
  window.scrollTo(0, 0);
  heading.focus();
}

/** Say that something is under way. */
export function showWaiting() {
  const line = element("p", { role: "status" });
  fill(document.getElementById("main"), line);
  say(line, "loading");
}

/** Show what went wrong, with a button to do it again. */
export function showTrouble(error, again) {
  const text = error.message && error instanceof Trouble ? quote(element("p"), error.message) : null;
  show("trouble.title", text || paragraph(keyOf(error)), actionButton("try_again", again));
}

/** A place for refusals; what is put into it is read out. */
export function alertBox() {
  return element("div", { role: "alert", class: "refusal" });
}

/** Put the server's words in an alert, with further lines. */
export function tell(alert, message, ...more) {
  fill(alert, quote(element("p"), message), ...more);
}

/** A button with its alert; `work(alert)` runs when it is pressed. */
export function actionButton(key, work, kind) {
  const alert = alertBox();
  const button = say(element("button", { type: "button", class: kind || "primary" }), key);
  button.addEventListener("click", () => once(button, alert, work));
  return element("div", { class: "action" }, alert, button);
}

/** Run `work(alert)` unless it is running; tell troubles in the alert. The button keeps its focus. */
export async function once(button, alert, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  fill(alert);
  try {
    await work(alert);
  } catch (error) {
    if (error instanceof Trouble && error.message) tell(alert, error.message);
    else fill(alert, paragraph(keyOf(error)));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function keyOf(error) {
  return error instanceof Trouble ? error.key : "trouble.failed";
}
