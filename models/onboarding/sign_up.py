"""The rows of a sign-up: its address, the account that is made, and its link; `flows.onboarding.sign_up` decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from models.core.account import Account, Audience, NewAccount, store_account
from models.core.mailed_link import LinkPurpose, MailedLink, supersede_links
from models.onboarding.invitation import Invitation
from models.onboarding.prospect import Prospect
from normalise.addresses import BadAddress, EmailAddress, parse_email


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody entered, cleaned; nothing in it says what they may do."""

    name: str
    sort_key: str
    address: EmailAddress
    phone: str
    birth_date: date
    locale: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignUpMail:
    """The mail that answers a sign-up: its template, address, language and values.

    ``account_id`` is the account that it is about, None where there is none.
    """

    template: str
    to: str
    locale: str
    values: Mapping[str, str] = field(repr=False)
    account_id: UUID | None = None


async def account_of_address(practice_id: UUID, address: EmailAddress) -> Account | None:
    """The account that this address signs in to."""
    return await Account.get_or_none(practice_id=practice_id, email_key=address.key)


async def invited_address(practice_id: UUID, address: EmailAddress, now: datetime) -> str | None:
    """The address, as it is stored, to which an invitation was mailed that can still be accepted."""
    domain = address.shown.rpartition("@")[2]
    near = Invitation.filter(practice_id=practice_id, accepted_at=None, revoked_at=None, expires_at__gt=now)
    # What is the same address is decided by the policy on addresses, so the database only narrows down.
    stored = await near.filter(email__iendswith=f"@{domain}").values_list("email", flat=True)
    return next((str(email) for email in stored if _key(str(email)) == address.key), None)


async def store_prospect(practice_id: UUID, asked: SignUp, now: datetime) -> Account:
    """Store an account that nobody has verified, inside the running transaction; a lost race is an IntegrityError."""
    new = NewAccount(
        practice_id,
        Audience.RESPONDENT,
        asked.name,
        asked.address.shown,
        asked.address.key,
        asked.locale,
        asked.password_hash,
        verified=False,
    )
    account = await store_account(new, now)
    await Prospect.create(
        practice_id=practice_id,
        account_id=account.id,
        phone=asked.phone,
        birth_date=asked.birth_date,
        sort_key=asked.sort_key,
        created_at=now,
    )
    return account


async def open_verification(account: Account, token_hash: str, now: datetime, expires_at: datetime) -> None:
    """Store the account's one open link that verifies its address; an older one dies. Inside a transaction."""
    await supersede_links(account.id, LinkPurpose.VERIFY_EMAIL, now)
    await MailedLink.create(
        practice_id=account.practice_id,
        account_id=account.id,
        purpose=LinkPurpose.VERIFY_EMAIL,
        email=account.email,
        epoch=account.epoch,
        token_hash=token_hash,
        created_at=now,
        expires_at=expires_at,
    )


def _key(stored: str) -> str | None:
    try:
        return parse_email(stored).key
    except BadAddress:
        return None
