"""Creating accounts: a login code and an e-mail address are unique in the practice."""

from flows.core.context import AppContext
from models import Account
from models.core.account import NewAccount, email_key_taken, store_account
from normalise.codes import shown_login_code

__all__ = ["NewAccount", "create_account", "email_taken", "shown_code"]


async def create_account(app: AppContext, new: NewAccount) -> Account:
    """Store a new account, inside the running transaction; a lost race raises IntegrityError."""
    return await store_account(new, app.now)


def shown_code(account: Account) -> str:
    """The login code as people read it: ``1234 5678``."""
    return shown_login_code(account.login_code)


async def email_taken(practice_id: object, email_key: str, but: object = None) -> bool:
    """Whether this address already signs in an account of the practice, other than ``but``."""
    return await email_key_taken(practice_id, email_key, but)
