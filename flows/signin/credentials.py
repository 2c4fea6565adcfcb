"""Finding the account of a typed login, and whether it may sign in."""

from dataclasses import dataclass
from datetime import datetime

from models import Account, Audience, GrantState, Practice
from models.access.access import grant_states
from models.core.account import account_by_login
from models.staff.staff import staff_of_account
from normalise.addresses import BadAddress, address_key, parse_email
from normalise.codes import normal_login_code


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account, and the states that decide whether it may sign in."""

    account: Account
    staff_suspended: bool
    grants: tuple[GrantState, ...]

    def may_sign_in(self, now: datetime) -> bool:
        """False where it is suspended, every grant is deactivated or the starter password has expired.

        The answer is then the same as for a wrong password.
        """
        if not self._usable(now):
            return False
        return not self.grants or any(state is not GrantState.DEACTIVATED for state in self.grants)

    def closed(self, now: datetime) -> bool:
        """Whether it may not sign in only because all its grants are deactivated."""
        return self._usable(now) and not self.may_sign_in(now)

    def _usable(self, now: datetime) -> bool:
        suspended = self.account.suspended_at is not None or self.staff_suspended
        return not suspended and not self.account.password_expired(now)

    @property
    def only_typed(self) -> bool:
        """Whether it is the account of a sign-up with an unverified address."""
        account = self.account
        return account.audience is Audience.RESPONDENT and not self.grants and account.email_verified_at is None


async def credentials_for(practice: Practice, login: str) -> Credentials | None:
    """Three statements, whether the login exists or not."""
    code = normal_login_code(login)
    account = await account_by_login(practice.id, code, None if code else _email_key(login))
    if account is not None and code is None and not signs_in_by_email(practice, account):
        account = None
    found = await credentials_of(account)
    # Otherwise a sign-up followed by a sign-in would show whether the address was known before. The mail has the login
    # code, which signs in.
    return None if found is not None and code is None and found.only_typed else found


async def credentials_of(account: Account | None) -> Credentials | None:
    """The account with the states that decide whether it may sign in; two statements, also for None."""
    staff = await staff_of_account(account.id if account else None)
    grants = await grant_states(account.id if account else None)
    if account is None:
        return None
    return Credentials(account, staff is not None and staff.suspended_at is not None, tuple(grants))


def login_key(login: str) -> str:
    """The canonical form of a login, known or not, under which limits count it."""
    return normal_login_code(login) or address_key(login)


def _email_key(login: str) -> str | None:
    try:
        return parse_email(login).key
    except BadAddress:
        return None


def signs_in_by_email(practice: Practice, account: Account) -> bool:
    """Whether the account's e-mail address may be typed in place of its login code."""
    allowed = account.audience is Audience.STAFF or practice.email_sign_in
    return allowed and account.email_key is not None
