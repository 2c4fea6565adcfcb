"""Requests by people who are not signed in: whom a mail about them goes to, if to anybody.

The request wrote the same row for a known and for an unknown address; only here does it matter which.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.texts import Letter
from models import Account, Audience, Practice
from models.account.mailed_requests import accounts_of_contact, open_reset_link
from models.core.account import account_by_login
from models.core.mailed_link import waiting_link
from models.onboarding.prospect import is_unproven
from models.onboarding.sign_up import SignUpMail
from normalise.addresses import BadAddress, EmailAddress, parse_email
from normalise.codes import normal_login_code
from security.tokens import new_token, token_hash

REQUESTS = frozenset({"reset_requested", "login_code_requested", "email_change_requested", "sign_up_requested"})


#: Makes the account that somebody signed up for, or not, inside the running transaction; answers the mail about it.
AnswerSignUp = Callable[[Practice, Mapping[str, str]], Awaitable[SignUpMail | None]]


@dataclass(frozen=True, slots=True)
class Resolver:
    """Turns requests into letters.

    ``public_url`` is the installation's own, without a slash at its end; ``reset_life`` is how long a link lives that
    resets a password; ``answer_sign_up`` is the flow that decides about a sign-up.
    """

    public_url: str
    reset_life: timedelta
    answer_sign_up: AnswerSignUp

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
                return await self._sign_up(asked, practice)
            case _:
                return await self._login_codes(asked["email"], practice)

    async def _reset(self, login: str, practice: Practice, now: datetime) -> Letter | None:
        found = await _account(login, practice)
        if found is None:
            return None
        token, expires_at = new_token(), now + self.reset_life
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

    async def _sign_up(self, asked: Mapping[str, str], practice: Practice) -> Letter | None:
        mail = await self.answer_sign_up(practice, asked)
        if mail is None:
            return None
        return Letter(mail.template, mail.to, mail.locale, mail.values, str(mail.account_id or ""))

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
