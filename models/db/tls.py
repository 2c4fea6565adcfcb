"""TLS to PostgreSQL, as the query of its URL asks: libpq's `sslmode` and `sslrootcert`, in asyncpg's terms."""

import ssl
from urllib.parse import parse_qsl


def tls_of(query: str) -> ssl.SSLContext | str:
    """What asyncpg takes as `ssl` for a URL's query: a mode that verifies nobody, or a context.

    `verify-full` asks for a certificate of the URL's host, by the authority in the file `sslrootcert` or, without one,
    by any that this machine trusts; `verify-ca` for any certificate of that authority, and so does `require` with one;
    `require` alone encrypts, and does not ask who answers. What `settings/forms.py` lets through is not checked again,
    but what it does not know is verified in full. Raises ValueError, in one line, for a file that has no certificates.
    """
    given = dict(parse_qsl(query))
    mode, authority = given.get("sslmode", "prefer"), given.get("sslrootcert")
    if mode in {"disable", "prefer"}:
        return mode
    try:
        # At least TLS 1.2.
        context = ssl.create_default_context(cafile=authority)
    except OSError:
        raise ValueError(f"database_url: sslrootcert names {authority}, which is no file of certificates") from None
    context.check_hostname = mode not in {"require", "verify-ca"}
    if mode == "require" and not authority:
        context.verify_mode = ssl.CERT_NONE
    return context
