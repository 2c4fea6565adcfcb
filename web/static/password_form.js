/** Choosing a password: typed twice here, sent once. */
import { element, fill } from "./dom.js";
import { say } from "./language.js";
import { alertBox, once, tell } from "./screen.js";

/**
 * A form and its alert; `send(password, alert)` runs when it is submitted with the same password twice.
 * `rules` are the PasswordRules and `username` what the account is signed in to with, where they are known.
 */
export function passwordForm(submit, send, rules, username) {
  const first = field("password", "password.new", "password.hint", rules);
  const second = field("password-again", "password.again");
  const alert = alertBox();
  const button = say(element("button", { type: "submit", class: "primary" }), submit);
  const form = element(
    "form", { method: "post", novalidate: "" },
    usernameField((username || "").replace(/\s/g, "")), first.box, second.box, revealer([first.input, second.input]), alert,
    element("div", { class: "action" }, button),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (agree(first, second)) once(button, alert, () => send(first.input.value, alert));
  });
  return { form, alert };
}

/** Tell a password manager, which looks when the form goes, whose the new password is. */
export function tellUsername(username) {
  const field = document.getElementById("username");
  if (field) field.value = username.replace(/\s/g, "");
}

/** For password managers alone: what they keep the password under. */
function usernameField(value) {
  return element("input", {
    id: "username", type: "text", autocomplete: "username", value, readonly: "", class: "unseen", tabindex: "-1",
    "aria-hidden": "true",
  });
}

/** A form for the password that somebody has; `send(password, alert)` runs when it is submitted. */
export function ownPasswordForm(submit, send) {
  const own = field("password", "password.own");
  own.input.setAttribute("autocomplete", "current-password");
  const alert = alertBox();
  const button = say(element("button", { type: "submit", class: "primary" }), submit);
  const form = element(
    "form", { method: "post", novalidate: "" },
    own.box, revealer([own.input]), alert, element("div", { class: "action" }, button),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(button, alert, () => send(own.input.value, alert));
  });
  return { form, alert };
}

/** Tell a refusal in the alert of the form that is shown; its message says what is wrong with a password. */
export function tellRefusal(alert, refusal) {
  tell(alert, refusal.message);
  if (!refusal.weaknesses) return;
  const input = document.getElementById("password");
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

function field(id, label, hint, rules) {
  const problem = element("p", { id: `${id}-problem`, class: "problem", role: "alert" });
  const minimum = rules ? say(element("span"), "password.minimum", { minimum: rules.minimum }) : null;
  const about = hint
    ? element("p", { id: `${id}-hint`, class: "hint" }, minimum, minimum && " ", say(element("span"), hint))
    : null;
  const input = element("input", {
    id, type: "password", autocomplete: "new-password", autocapitalize: "none", autocorrect: "off",
    spellcheck: "false", required: "", "aria-describedby": (hint ? `${id}-hint ` : "") + problem.id,
  });
  const name = say(element("label", { for: id }), label);
  return { box: element("div", { class: "field" }, name, about, input, problem), input, problem };
}

function revealer(inputs) {
  const toggle = element("input", { type: "checkbox", id: "show-password" });
  toggle.addEventListener("change", () => {
    inputs.forEach((input) => input.setAttribute("type", toggle.checked ? "text" : "password"));
  });
  const name = say(element("label", { for: toggle.id }), "password.show");
  return element("div", { class: "choice" }, toggle, name);
}

function agree(first, second) {
  const problems = [
    [first, first.input.value ? null : "password.empty"],
    [second, second.input.value === first.input.value ? null : "password.different"],
  ];
  problems.forEach(([{ input, problem }, key]) => {
    input.setAttribute("aria-invalid", String(key !== null));
    fill(problem, key && say(element("span"), key));
  });
  const wrong = problems.find(([, key]) => key !== null);
  if (wrong) wrong[0].input.focus();
  return !wrong;
}
