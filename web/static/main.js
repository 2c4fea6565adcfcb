/** Where all pages start: the address says which one, its fragment holds the token. */
import { accept } from "./accept.js";
import { readAddress } from "./address.js";
import { PRACTICE } from "./documents.js";
import { ask } from "./graphql.js";
import { landing } from "./landing.js";
import { chooseLanguage, languageSwitch } from "./language.js";
import { showLinkMissing } from "./link_missing.js";
import { dress } from "./practice.js";
import { reset } from "./reset.js";
import { paragraph, show, showTrouble, showWaiting } from "./screen.js";
import { verify } from "./verify.js";

const PAGES = { accept, reset, verify };
async function open(slug, name, token) {
  showWaiting();
  try {
    const practice = await ask(slug, PRACTICE, { slug });
    if (!practice) return showNowhere();
    chooseLanguage(practice.language);
    dress(practice);
    if (name && !token) return showLinkMissing(name, slug, practice, (found) => open(slug, name, found));
    return await (PAGES[name] || landing)({ slug, token, practice });
  } catch (error) {
    return showTrouble(error, () => open(slug, name, token));
  }
}

function showNowhere() {
  show("nowhere.title", paragraph("nowhere.text"));
}

// Another link pasted into the same tab changes only the fragment, which loads nothing.
window.addEventListener("hashchange", () => {
  if (readAddress(location.pathname, location.hash).token) location.reload();
});

document.getElementById("languages").append(languageSwitch());
chooseLanguage();
const address = readAddress(location.pathname, location.hash);
if (address) {
  // The token then is nowhere but in this page's memory: not in the history, not on a photo.
  history.replaceState(null, "", address.clean + location.search);
  open(address.slug, address.page, address.token);
} else showNowhere();
