/** Asking the server: one root field at a time, in the person's language. */
import { language } from "./language.js";

/** What kept an answer from coming: `key` names a text; `message`, if there is one, is the server's. */
export class Trouble extends Error {
  constructor(key, message) {
    super(message || "");
    this.key = key;
  }
}

/** The value of the document's root field; `viewer` is the id of the account it is meant for. Throws Trouble. */
export async function ask(slug, document, variables, viewer) {
  const body = await answerTo(slug, JSON.stringify({ query: document, variables }), viewer);
  if (body.errors || !body.data) throw troubleOf(body.errors || []);
  return Object.keys(body.data).map((name) => body.data[name])[0];
}

async function answerTo(slug, body, viewer) {
  const request = { method: "POST", headers: headers(slug, viewer), body, credentials: "same-origin" };
  let response;
  try {
    response = await fetch("/graphql", request);
  } catch (error) {
    throw new Trouble("trouble.unreachable");
  }
  try {
    return await response.json();
  } catch (error) {
    throw new Trouble("trouble.failed");
  }
}

function headers(slug, viewer) {
  const always = {
    "Accept": "application/graphql-response+json",
    "Accept-Language": language(),
    "Content-Type": "application/json",
    "Sluis-Practice": slug,
  };
  return viewer ? Object.assign({ "Sluis-Viewer": viewer }, always) : always;
}

// These messages are written for people; those about a document are not.
const SPOKEN = ["INTERNAL", "TIMEOUT", "UNAVAILABLE", "NOT_SIGNED_IN", "VIEWER_MISMATCH"];

function troubleOf(errors) {
  const first = errors.find((error) => error.extensions && SPOKEN.includes(error.extensions.code));
  return new Trouble("trouble.failed", first && first.message);
}
