/** What an address says: which practice, which page, and the token of a mailed link. */

const PAGE = /^\/p\/([a-z0-9-]{1,40})(?:\/(accept|reset|verify))?\/*$/i;
// Some mail programs escape the fragment's sign, even twice: the token is then a part of the path.
const ESCAPED = /%(?:25)*23/i;

/** `{ slug, page, token, clean }`; null for an address of no page. `clean` is the address without the token. */
export function readAddress(pathname, hash) {
  const parts = pathname.split(ESCAPED);
  const found = PAGE.exec(parts[0]);
  if (!found) return null;
  const [slug, page] = [found[1], found[2] || ""].map((part) => part.toLowerCase());
  const token = tokenIn(hash.slice(1)) || tokenIn(parts.slice(1).join("#"));
  return { slug, page, token, clean: page ? `/p/${slug}/${page}` : `/p/${slug}` };
}

/** The token in `token=…`, escaped or not; null if there is none. */
function tokenIn(fragment) {
  const found = /^token(?:=|%3D)([\w-]+)/i.exec(fragment);
  return found ? found[1] : null;
}

/** The token in what somebody copied from the mail: the code itself, or the whole link. Null for neither. */
export function tokenOf(text) {
  const found = /(?:^|token(?:=|%3D))([\w-]{20,})$/i.exec(text.trim());
  return found ? found[1] : null;
}
