/** Which language the page speaks, and texts that change with it while what a person typed stays. */
import CATALOGUES from "./texts.js";
import { element } from "./dom.js";

const LANGUAGES = CATALOGUES.languages;
const TEXTS = CATALOGUES.texts;
const KEPT_AS = "sluis-language";
const said = new WeakMap();

let current = "en";
let chosen = kept();

/** The code of the language, such as `nl`. */
export function language() {
  return current;
}

/** Whether there is a text of this name. */
export function has(key) {
  return Object.prototype.hasOwnProperty.call(TEXTS, key);
}

/** Let a node say a text of the catalog, now and after a change of language; answers the node. */
export function say(node, key, values) {
  said.set(node, { key, values: values || {} });
  node.setAttribute("data-said", key);
  speak(node);
  return node;
}

/** Let a node say what the server wrote: that stays in the language it was asked in. */
export function quote(node, text) {
  said.delete(node);
  node.removeAttribute("data-said");
  node.setAttribute("lang", current);
  node.textContent = unbroken(text);
  return node;
}

/** What the person chose in this tab, else what the browser prefers, else `fallback` (the practice's). */
export function chooseLanguage(fallback) {
  const wanted = [chosen].concat(navigator.languages || [navigator.language], fallback);
  const tags = wanted.map((tag) => String(tag).slice(0, 2).toLowerCase());
  turnTo(tags.find((tag) => LANGUAGES[tag]) || "en");
}

/** The buttons that change the language. */
export function languageSwitch() {
  const label = say(element("span", { class: "unseen", id: "languages-label" }), "languages");
  const group = element("div", { role: "group", "aria-labelledby": label.id }, label);
  Object.keys(LANGUAGES).forEach((code) => {
    const button = element("button", { type: "button", lang: code, "data-language": code }, LANGUAGES[code].name);
    button.addEventListener("click", () => {
      chosen = code;
      keep(code);
      turnTo(code);
    });
    group.append(button);
  });
  return group;
}

function turnTo(code) {
  current = code;
  document.documentElement.lang = code;
  document.querySelectorAll("[data-said]").forEach(speak);
  document.querySelectorAll("[data-language]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-language") === code));
  });
}

function speak(node) {
  const { key, values } = said.get(node);
  const text = unbroken(formOf(TEXTS[key][current], values));
  node.textContent = text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name], values.timeZone));
}

/** Of a text with plurals the form for its number. */
function formOf(text, values) {
  if (typeof text === "string") return text;
  const number = Object.keys(values).map((name) => values[name]).find((value) => typeof value === "number");
  // Browsers of 2017 know no plural rules.
  const rules = Intl.PluralRules && new Intl.PluralRules(LANGUAGES[current].tag);
  return text[rules ? rules.select(number) : "other"] || text.other;
}

/** With a hyphen in `e-mail` at which no line ends. */
function unbroken(text) {
  return text.replace(/\b(e)-(mail)/gi, "$1\u2011$2");
}

/** A moment is told by the clock of `timeZone`, as mail tells it. */
function shown(value, timeZone) {
  if (!(value instanceof Date)) return value;
  const form = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
  const locale = LANGUAGES[current].tag;
  try {
    return new Intl.DateTimeFormat(locale, Object.assign({ timeZone }, form)).format(value);
  } catch (error) {
    // An old phone may not know the zone: its own clock then, and which that is.
    return new Intl.DateTimeFormat(locale, Object.assign({ timeZoneName: "short" }, form)).format(value);
  }
}

// A browser may keep nothing: the private windows of old phones throw.
function kept() {
  try {
    return sessionStorage.getItem(KEPT_AS);
  } catch (error) {
    return null;
  }
}

function keep(code) {
  try {
    sessionStorage.setItem(KEPT_AS, code);
  } catch (error) {
    // Then it holds for this page.
  }
}
