"""Requests by people who are not signed in: whom a mail about them goes to, if to anybody.

The request wrote the same row for a known and for an unknown address; only here does it matter which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from delivery.texts import Letter
from models import Account, Audience, Practice
from models.account import account_by_login
from models.mailed_link import waiting_link
from models.mailed_requests import accounts_of_contact, open_reset_link
from models.prospect import is_unproven
from models.sign_up import SignUp, account_of_address, invited_address, make_prospect, open_verification
from normalise.addresses import BadAddress, EmailAddress, parse_email
from normalise.codes import normal_login_code, shown_login_code
from normalise.search import search_key
from security.tokens import new_token, token_hash

REQUESTS = frozenset({"reset_requested", "login_code_requested", "email_change_requested", "sign_up_requested"})


@dataclass(frozen=True, slots=True)
class Lives:
    """How long the links live that requests make."""

    reset: timedelta
    verification: timedelta


@dataclass(frozen=True, slots=True)
class Resolver:
    """Turns requests into letters; ``public_url`` is the installation's own, without a slash at its end."""

    public_url: str
    lives: Lives

    async def resolve(
        self, template: str, asked: Mapping[str, str], practice: Practice, now: datetime
    ) -> Letter | None:
        """The letter that answers a request, or None when it concerns nobody. Call inside a transaction."""
        match template:
            case "reset_requested":
                return await self._reset(asked["login"], practice, now)
            case "email_change_requested":
                return await self._email_change(asked["link"], asked["token"], practice, now)
            case "sign_up_requested":
                return await self._sign_up(_sign_up_of(asked), practice, now)
            case _:
                return await self._login_codes(asked["email"], practice)

    async def _reset(self, login: str, practice: Practice, now: datetime) -> Letter | None:
        found = await _account(login, practice)
        if found is None:
            return None
        token, expires_at = new_token(), now + self.lives.reset
        account = await open_reset_link(found.id, token_hash(token), now, expires_at)
        if account is None:
            return None
        values = {
            "name": account.name,
            "link": practice.link(self.public_url, "reset", token, staff=account.audience is Audience.STAFF),
            "expires_at": expires_at.isoformat(),
        }
        return _letter("password_reset", account, values)

    async def _email_change(self, link_id: str, token: str, practice: Practice, now: datetime) -> Letter | None:
        """To the new address, nameless: until it is proven, a stranger may be reading there."""
        link = await waiting_link(link_id, now)
        if link is None:
            return None
        owner = await account_by_login(practice.id, None, parse_email(link.email).key)
        # Who typed it when signing up, and never verified it, has no say about it.
        taken = owner is not None and owner.id != link.account_id and owner.email_verified_at is not None
        values = {
            "link": practice.link(self.public_url, "verify", token, staff=link.account.audience is Audience.STAFF),
            "expires_at": link.expires_at.isoformat(),
        }
        return Letter(
            "email_change_taken" if taken else "email_change",
            link.email,
            link.account.locale,
            values,
            str(link.account_id),
        )

    async def _sign_up(self, asked: SignUp, practice: Practice, now: datetime) -> Letter | None:
        known = await account_of_address(practice.id, asked.address)
        if known is not None:
            return _letter("account_exists", known, {"name": known.name})
        if invited := await invited_address(practice.id, asked.address, now):
            return Letter("sign_up_invited", invited, practice.locale, {})
        account = await make_prospect(practice.id, asked, now)
        token, expires_at = new_token(), now + self.lives.verification
        await open_verification(account, token_hash(token), now, expires_at)
        # Not the name: whoever signed up could write anything to anybody with it.
        values = {
            "login_code": shown_login_code(account.login_code),
            "link": practice.link(self.public_url, "verify", token, staff=False),
            "expires_at": expires_at.isoformat(),
        }
        return _letter("verify_email", account, values)

    async def _login_codes(self, email: str, practice: Practice) -> Letter | None:
        address = _address(email)
        accounts = await accounts_of_contact(practice.id, address) if address else []
        if not accounts:
            return None
        listed = [await _listed(account) for account in accounts]
        letter = _letter("login_codes", accounts[0], listed[0] if len(listed) == 1 else {})
        return letter and replace(letter, accounts=listed)


async def _listed(account: Account) -> dict[str, str]:
    """An account among others: whose it is, unless nobody has proven the address that it was signed up with."""
    unproven = account.email_verified_at is None and await is_unproven(account.id)
    return {"login_code": account.login_code, **({} if unproven else {"name": account.name})}


def _sign_up_of(asked: Mapping[str, str]) -> SignUp:
    return SignUp(
        name=asked["name"],
        sort_key=search_key(asked["name"]),
        address=parse_email(asked["email"]),
        phone=asked["phone"],
        birth_date=date.fromisoformat(asked["birth_date"]),
        locale=asked["locale"],
        password_hash=asked["password_hash"],
    )


def _letter(template: str, account: Account, values: Mapping[str, str]) -> Letter | None:
    return Letter(template, account.email, account.locale, values, str(account.id)) if account.email else None


async def _account(login: str, practice: Practice) -> Account | None:
    code = normal_login_code(login)
    address = None if code else _address(login)
    if code is None and address is None:
        return None
    return await account_by_login(practice.id, code, address.key if address else None)


def _address(text: str) -> EmailAddress | None:
    try:
        return parse_email(text)
    except BadAddress:
        return None
