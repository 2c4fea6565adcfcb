"""The language for answers about a token: that of its account, otherwise that of its practice."""

from models.db.database import fetch

_LANGUAGE = """
SELECT COALESCE(a.locale, d.locale, p.locale) AS locale
  FROM (SELECT practice_id, respondent_id, NULL AS account_id FROM invitation WHERE token_hash = ?
        UNION ALL SELECT practice_id, NULL, account_id FROM mailed_link WHERE token_hash = ?
        UNION ALL SELECT practice_id, NULL, account_id FROM sign_in WHERE token_hash = ?) t
  JOIN practice p ON p.id = t.practice_id
  LEFT JOIN account a ON a.id = t.account_id
  LEFT JOIN respondent r ON r.id = t.respondent_id
  LEFT JOIN dossier d ON d.id = r.dossier_id
"""


async def language_by_token(token_hash: str) -> str | None:
    """The language of the holder of this token of a sign-in, a mailed link or an invitation, used and ended ones too.

    A sign-in has an account once its password or its factor is proven; an invitation speaks as its mail does, in the
    language of the dossier. None where there is no such token.
    """
    rows = await fetch(_LANGUAGE, token_hash, token_hash, token_hash)
    return str(rows[0]["locale"]) if rows else None
