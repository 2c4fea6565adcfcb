/** `/p/{slug}`: where people will sign in, or from where they are sent to the practice's own frontend. */
import { signInLink } from "./practice.js";
import { paragraph, show } from "./screen.js";

/** The page; it needs no token. */
export async function landing({ practice }) {
  const portal = new URL(practice.portalUrl, location.href);
  if (portal.origin + portal.pathname === location.origin + location.pathname) showSoon(practice);
  else showElsewhere(practice);
}

function showSoon({ name }) {
  show("landing.title", paragraph("landing.text", { practice: name }), paragraph("landing.ask"));
}

function showElsewhere({ name, portalUrl }) {
  show("elsewhere.title", paragraph("elsewhere.text", { practice: name }), signInLink(portalUrl));
}
