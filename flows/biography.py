"""What the practice knows of the person behind an account, for their own page.

Name, birth date and phone of a client are the dossier's and the respondent's: the practice keeps those. An account
has a number of its own once the person proved one.
"""

from dataclasses import dataclass
from datetime import date

from flows.house import House
from models import Account, Audience, GrantState, Relation
from models.access import live_grants_of
from models.mailed_link import open_email_change


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
    """One statement. Before approval nothing of a dossier shows."""
    grants = await live_grants_of(account.id) if account.audience is Audience.RESPONDENT else []
    approved = [grant.respondent for grant in grants if grant.state is GrantState.APPROVED]
    own = [respondent for respondent in approved if respondent.relation is Relation.SELF]
    noted = next((respondent.phone for respondent in (*own, *approved) if respondent.phone), None)
    return Biography(
        name=account.name,
        birth_date=next((one.dossier.birth_date for one in own if one.dossier.birth_date), None),
        email=account.email,
        phone=account.phone or noted,
        phone_proven=account.phone is not None,
        language=account.locale,
    )


async def pending_email(house: House, account: Account) -> str | None:
    """The address that only waits for its link to be used."""
    link = await open_email_change(account.id, account.epoch, house.now)
    return link.email if link else None
