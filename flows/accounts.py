"""Making accounts: a login code nobody in the practice has, and an address that signs in only one."""

from dataclasses import dataclass

from flows.house import House
from models import Account, Audience
from models.account import code_taken, email_key_taken
from security.tokens import new_login_code, shown_login_code


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an accepted invitation knows. ``email_key`` None: mail goes there, but it signs nobody in."""

    practice_id: object
    audience: Audience
    name: str
    email: str
    email_key: str | None
    locale: str
    password_hash: str


async def create_account(house: House, new: NewAccount) -> Account:
    """Store a new account, inside the running transaction; a lost race raises IntegrityError."""
    code = new_login_code()
    while await code_taken(new.practice_id, code):
        code = new_login_code()
    return await Account.create(
        practice_id=new.practice_id,
        audience=new.audience,
        login_code=code,
        name=new.name,
        email=new.email,
        email_key=new.email_key,
        email_verified_at=house.now,
        locale=new.locale,
        password_hash=new.password_hash,
        password_set_at=house.now,
        created_at=house.now,
    )


def shown_code(account: Account) -> str:
    """The login code as people read it: ``1234 5678``."""
    return shown_login_code(account.login_code)


async def email_taken(practice_id: object, email_key: str) -> bool:
    """Whether this address already signs in an account of the practice."""
    return await email_key_taken(practice_id, email_key)
