"""Recovery codes: a set of single-use codes to write down, for when the other factor is lost."""

import asyncio
import hmac
from datetime import date, timedelta

import strawberry
from pydantic import Field

from plugins import (
    Accepted,
    AnyFactor,
    Challenged,
    Config,
    Contribution,
    Desk,
    Factor,
    FallbackIssue,
    Issued,
    Reason,
    Refused,
    Role,
    State,
    every,
    hookimpl,
    read_code,
    shown_date,
    text,
)

#: Digits and capitals without 0, 1, I and O, which look alike on paper: 32 symbols, so 60 bits a code.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUP, _GROUPS = 4, 3
_LENGTH = _GROUP * _GROUPS
_DEFAULT_COST = b"$argon2id$m=19456,t=2,p=1$"


@strawberry.type(description="A new set of recovery codes, shown this once; it replaces any older set.")
class RecoveryCodes(FallbackIssue):
    codes: list[str] = strawberry.field(description="The codes, as `XXXX-XXXX-XXXX`.")
    text: str = strawberry.field(description="The codes as plain text to print or download, in the person's language.")


@strawberry.input(description="One of the recovery codes that were kept.")
class RecoveryCodeProof:
    code: str = strawberry.field(description="The code as typed; capitals or not, and spaces and dashes are ignored.")


class RecoveryCodesConfig(Config):
    """``count``: how many codes are in a set."""

    count: int = Field(default=6, ge=4, le=20)


class RecoveryCodesState(State):
    """Derived from each code under the set's one ``salt``, so that checking a code costs a single hash.

    Older sets have a salt that does not keep what deriving cost: they are read at today's cost, or else at the default.
    """

    salt: bytes
    digests: tuple[bytes, ...]
    used: tuple[bool, ...]


class RecoveryCodesFactor(Factor[RecoveryCodesState, RecoveryCodeProof]):
    """Accepts each code of the set once."""

    name = "recovery_codes"
    role = Role.FALLBACK
    title = every("factor.recovery_codes.title")
    explanation = every("factor.recovery_codes.explanation")
    Config = RecoveryCodesConfig
    State = RecoveryCodesState
    graphql = Contribution(proof=RecoveryCodeProof, issued=RecoveryCodes)

    async def issue(self, desk: Desk, lifetime: timedelta | None) -> Issued[RecoveryCodesState]:
        codes = [desk.choose(ALPHABET, _LENGTH) for _ in range(desk.config.count)]
        salt = desk.salt()
        digests = await asyncio.gather(*(desk.derive(code, salt) for code in codes))
        state = RecoveryCodesState(salt=salt, digests=tuple(digests), used=(False,) * len(codes))
        shown = [_shown(code) for code in codes]
        text = _text(shown, desk.practice_name, desk.today, desk.locale)
        return Issued(state, kept={"codes": shown, "text": text})

    async def verify(
        self, desk: Desk, state: RecoveryCodesState, challenge: Challenged, proof: RecoveryCodeProof
    ) -> Accepted[RecoveryCodesState] | Refused:
        code = read_code(proof.code, _LENGTH, ALPHABET)
        if code is None:
            return Refused(Reason.MALFORMED)
        spent = await _found(desk, state, code)
        if spent is None:
            return Refused(Reason.WRONG)
        if state.used[spent]:
            return Refused(Reason.REPLAYED)
        used = (*state.used[:spent], True, *state.used[spent + 1 :])
        return Accepted(state.model_copy(update={"used": used}))

    def left(self, state: RecoveryCodesState) -> int:
        return state.used.count(False)


async def _found(desk: Desk, state: RecoveryCodesState, code: str) -> int | None:
    """Which of the set's codes this is."""
    for salt in (state.salt, *_older(state.salt)):
        digest = await desk.derive(code, salt)
        hits = [hmac.compare_digest(digest, kept) for kept in state.digests]
        if any(hits):
            return hits.index(True)
    return None


def _older(salt: bytes) -> list[bytes]:
    """For a salt that keeps no cost: the same one at the cost that installations have by default."""
    return [] if salt.startswith(b"$argon2id$") else [_DEFAULT_COST + salt]


def _shown(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def _text(shown: list[str], practice: str, today: date, locale: str) -> str:
    """The plain text to keep, codes once a line."""
    values = {"practice": practice, "date": shown_date(today, locale), "codes": "\n".join(shown)}
    return text("factor.recovery_codes.text", locale, **values)


@hookimpl
def portal_factors() -> list[type[AnyFactor]]:
    return [RecoveryCodesFactor]
