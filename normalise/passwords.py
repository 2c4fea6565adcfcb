"""Passwords: any characters at all, in the one form in which they are counted, estimated and hashed."""

import unicodedata


def password_form(text: str) -> str:
    """``text`` in NFC (NIST SP 800-63B-4, 3.1.1.2). Nothing else: every space and every capital counts."""
    return unicodedata.normalize("NFC", text)
