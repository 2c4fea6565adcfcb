"""What each change of an account ends: sessions, step-ups, sign-ins, remembered devices and mailed links, in a table.

A proof is void once its basis has changed: a step-up by an app that was replaced, a session that a removed passkey
opened, a change of address that another session requested. Every flow that changes a password, a factor, an address or
an access calls :func:`end` in its transaction, and ends nothing by itself.
docs/authentication.md shows the table, and a test holds it to this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flows.core.account_signals import publish_account_change
from flows.core.context import AppContext
from models import FactorEnrolment
from models.account.phone_change import supersede_phone_changes
from models.core.account import raise_epoch
from models.core.mailed_link import supersede_links_of_sessions
from models.locks import hold_account
from models.second_factor.factor import end_challenges, forget_devices
from models.signin.login_session import end_account_sessions, end_sessions_proven_by, end_step_ups, prove_again
from models.signin.sign_in import end_proven_sign_ins


class Extent(StrEnum):
    """Which ones end. The acting session or sign-in is the one in which the change is made."""

    NONE = "stay"
    GONE = "those proven by what is gone"
    PROVEN = "those with a factor proven, or about to set one up"
    OTHERS = "all but the acting one"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends, by kind.

    ``step_ups`` includes what a step-up started: challenges, enrolments, and pending changes of number or address.
    ``sign_ins`` are unfinished ones; with PROVEN the acting one stays. ``links`` are mailed links; with OTHERS those
    that end are changes of address that another session requested.
    """

    sessions: Extent = Extent.NONE
    step_ups: Extent = Extent.NONE
    sign_ins: Extent = Extent.NONE
    devices: Extent = Extent.NONE
    links: Extent = Extent.NONE


class Cause(StrEnum):
    """What changed, in the words of docs/authentication.md."""

    PASSWORD_CHANGED = "the password is changed in a session"  # noqa: S105
    PASSWORD_CHOSEN = "a password is chosen while signing in"  # noqa: S105
    PASSWORD_RESET = "the password is set by a mailed link"  # noqa: S105
    FACTOR_ADDED = "a factor is set up, or replaced"
    FACTOR_REMOVED = "a factor is removed"
    CODES_RENEWED = "recovery codes are made"
    DEVICE_REVOKED = "a remembered device is revoked"
    FACTORS_RESET = "the factors are reset by staff"
    EMAIL_CHANGED = "the e-mail address is changed"
    ACCESS_NARROWED = "an access is closed and others are left, or a role is changed"
    ACCESS_CLOSED = "the last approved access is closed"
    SUSPENDED = "the account or the member of staff is suspended"
    CLOSED = "the account is closed, or given anew with another starter password"


_EVERYTHING = Ends(*[Extent.ALL] * 5)
_FACTORS = Ends(
    sessions=Extent.GONE,
    step_ups=Extent.OTHERS,
    sign_ins=Extent.PROVEN,
    devices=Extent.ALL,
    links=Extent.OTHERS,
)

TABLE: Mapping[Cause, Ends] = {
    Cause.PASSWORD_CHANGED: Ends(Extent.OTHERS, Extent.OTHERS, Extent.ALL, Extent.ALL, Extent.ALL),
    Cause.PASSWORD_CHOSEN: Ends(Extent.ALL, Extent.ALL, Extent.OTHERS, Extent.ALL, Extent.ALL),
    Cause.PASSWORD_RESET: _EVERYTHING,
    Cause.FACTOR_ADDED: _FACTORS,
    # The acting session's own step-up may have been by this very factor.
    Cause.FACTOR_REMOVED: Ends(Extent.GONE, Extent.ALL, Extent.PROVEN, Extent.ALL, Extent.OTHERS),
    Cause.CODES_RENEWED: _FACTORS,
    Cause.DEVICE_REVOKED: Ends(sessions=Extent.GONE, sign_ins=Extent.GONE, devices=Extent.GONE),
    Cause.FACTORS_RESET: _EVERYTHING,
    Cause.EMAIL_CHANGED: Ends(Extent.OTHERS, Extent.OTHERS, Extent.ALL, Extent.NONE, Extent.ALL),
    Cause.ACCESS_NARROWED: Ends(step_ups=Extent.ALL, links=Extent.OTHERS),
    Cause.ACCESS_CLOSED: _EVERYTHING,
    Cause.SUSPENDED: _EVERYTHING,
    Cause.CLOSED: _EVERYTHING,
}


@dataclass(frozen=True, slots=True)
class Acting:
    """The session or the sign-in in which the change is made; neither where somebody else makes it."""

    session: str | None = None
    sign_in: object = None


_NOBODY = Acting()


async def end(
    app: AppContext,
    account_id: object,
    cause: Cause,
    acting: Acting = _NOBODY,
    gone: Sequence[FactorEnrolment] = (),
) -> list[FactorEnrolment]:
    """End what the table says for this cause, inside the transaction of the change, and wake the pages that show it.

    ``gone`` are the deleted enrolments. Returns them and the remembered devices that were deleted. Where all sign-ins
    but the acting one end, the caller gives that one the account's new epoch.
    """
    ends, now = TABLE[cause], app.now
    await hold_account(account_id)
    match ends.sign_ins:
        case Extent.OTHERS | Extent.ALL:
            # Mailed links are bound to the epoch, too.
            await raise_epoch(account_id)
        case Extent.PROVEN:
            await end_proven_sign_ins(account_id, now, but=acting.sign_in)
        case Extent.GONE:
            await end_proven_sign_ins(account_id, now, by=[one.id for one in gone])
    deleted = [*gone, *(await forget_devices(account_id) if ends.devices is Extent.ALL else ())]
    await _end_sessions(app, account_id, cause, acting.session, deleted)
    if ends.step_ups is not Extent.NONE:
        spared = acting.session if ends.step_ups is Extent.OTHERS else None
        await end_step_ups(account_id, spared)
        await end_challenges(account_id, now, spared)
        await supersede_phone_changes(account_id, now, but=spared)
    if ends.links is Extent.OTHERS:
        await supersede_links_of_sessions(account_id, now, acting.session)
    await publish_account_change(app, account_id)
    return deleted


async def rest_on(acting: Acting, gone: Sequence[FactorEnrolment], factor: str, enrolment_id: object) -> None:
    """Bind the acting session to the factor that was just proven in it, where the enrolment that opened it is gone."""
    if acting.session is not None:
        names = sorted({"", *(enrolment.factor for enrolment in gone)})
        await prove_again(acting.session, [one.id for one in gone], names, factor, enrolment_id)


async def _end_sessions(
    app: AppContext, account_id: object, cause: Cause, acting: str | None, gone: Sequence[FactorEnrolment]
) -> None:
    match TABLE[cause].sessions:
        case Extent.GONE:
            # A password alone opened a session only before there was a factor.
            names = {enrolment.factor for enrolment in gone} | ({""} if cause is Cause.FACTOR_ADDED else set())
            await end_sessions_proven_by(account_id, app.now, [one.id for one in gone], sorted(names), but=acting)
        case Extent.OTHERS:
            await end_account_sessions(account_id, app.now, acting)
        case Extent.ALL:
            await end_account_sessions(account_id, app.now)


_COLUMNS = ("sessions", "step_ups", "sign_ins", "devices", "links")


def as_markdown() -> str:
    """The table for docs/authentication.md."""
    head = (
        "| when | sessions | step-ups, and what they began | sign-ins under way | remembered devices | mailed links |"
    )
    rows = [
        " | ".join(["", cause.value, *(getattr(ends, column).value for column in _COLUMNS), ""]).strip()
        for cause, ends in TABLE.items()
    ]
    return "\n".join([head, "| --- " * 6 + "|", *rows])
