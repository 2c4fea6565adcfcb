"""What the practice knows of the person behind an account, for their own page.

Name, birth date and phone of a client are the dossier's and the respondent's: the practice keeps those; of who signed
up they are as told then. An account has a number of its own once the person proved one.
"""

from dataclasses import dataclass
from datetime import date

from flows.core.context import AppContext
from models import Account, Audience, GrantState, Relation
from models.access.access import live_grants_of
from models.core.mailed_link import open_email_change
from models.onboarding.prospect import prospect_of_account


@dataclass(frozen=True, slots=True)
class Biography:
    """``birth_date`` is known of the client alone; ``phone_proven`` says that the number is the account's own."""

    name: str
    birth_date: date | None
    email: str | None
    phone: str | None
    phone_proven: bool
    language: str


async def biography_of(account: Account) -> Biography:
    """At most two statements. Before approval nothing of a dossier shows, but what one told oneself when signing up."""
    grants = await live_grants_of(account.id) if account.audience is Audience.RESPONDENT else []
    approved = [grant.respondent for grant in grants if grant.state is GrantState.APPROVED]
    own = [respondent for respondent in approved if respondent.relation is Relation.SELF]
    prospect = None if grants else await prospect_of_account(account.id)
    noted = next((one.phone for one in (*own, *approved) if one.phone), prospect.phone if prospect else None)
    born = next(
        (one.dossier.birth_date for one in own if one.dossier.birth_date), prospect.birth_date if prospect else None
    )
    return Biography(
        name=account.name,
        birth_date=born,
        email=account.email,
        phone=account.phone or noted,
        phone_proven=account.phone is not None,
        language=account.locale,
    )


async def pending_email(app: AppContext, account: Account) -> str | None:
    """The address that only waits for its link to be used."""
    link = await open_email_change(account.id, account.epoch, app.now)
    return link.email if link else None
