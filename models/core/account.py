"""One person's credentials in one practice."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F, Q
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.core.practice import Practice
from models.db.base import NOBODY, Row, practice_key
from security.tokens import new_login_code


class Audience(StrEnum):
    STAFF = "STAFF"
    RESPONDENT = "RESPONDENT"


class Account(Row):
    """Login code, e-mail, password, factors hang off it.

    ``email`` is where mail goes. ``email_key`` is the canonical form that may sign in: it is
    unique in the practice, so in a family that shares an address only one account holds it.
    ``epoch`` rises with every act after which a sign-in begun earlier may not complete.
    """

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    audience = fields.CharEnumField(Audience, max_length=10)
    login_code = fields.CharField(max_length=8)
    name = fields.CharField(max_length=120, default="")
    email = fields.CharField(max_length=254, null=True)
    email_key = fields.CharField(max_length=254, null=True)
    email_verified_at = fields.DatetimeField(null=True)
    # In E.164, and only one that the person proved to have: for contact, no factor hangs on it.
    phone = fields.CharField(max_length=20, null=True)
    locale = fields.CharField(max_length=5, default="nl")
    password_hash = fields.CharField(max_length=200, null=True)
    password_set_at = fields.DatetimeField(null=True)
    # Long enough beside a second factor, but not to stand alone; None where that was never an issue.
    password_short = fields.BooleanField(null=True)
    # A starter password's end; None for one's own.
    password_expires_at = fields.DatetimeField(null=True)
    must_change_password = fields.BooleanField(default=False)
    # A reset mail was asked for; staff see it until a password is set.
    reset_requested_at = fields.DatetimeField(null=True)
    # Until then no factor is demanded where none is set up; the FactorExemption has the reason and the member of staff.
    exempt_until = fields.DatetimeField(null=True)
    # By OWNER or ADMIN, who can lift it; also set where the person closed the account.
    suspended_at = fields.DatetimeField(null=True)
    # By the person, for good: credentials are gone, the row stays for the audit trail.
    closed_at = fields.DatetimeField(null=True)
    last_sign_in_at = fields.DatetimeField(null=True)
    epoch = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    @property
    def suspended(self) -> bool:
        """Whether staff suspended it; an account that the person closed is not."""
        return self.suspended_at is not None and self.closed_at is None

    class Meta:
        table = "account"
        constraints = (
            UniqueConstraint(fields=("practice", "login_code"), name="account_login_code_once"),
            UniqueConstraint(fields=("practice", "email_key"), name="account_email_key_once"),
            CheckConstraint(check="length(login_code) = 8", name="account_login_code_digits"),
        )

    def password_expired(self, now: datetime) -> bool:
        """Whether the password is an expired starter password."""
        return self.password_expires_at is not None and self.password_expires_at <= now


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is known of somebody who gets an account. ``email_key`` None: mail goes there, but it signs nobody in.

    ``verified`` says that the person has shown to read mail at ``email``. ``starter_until`` is the end of a password
    that others chose, None for one's own.
    """

    practice_id: object
    audience: Audience
    name: str
    email: str
    email_key: str | None
    locale: str
    password_hash: str = field(repr=False)
    verified: bool = True
    starter_until: datetime | None = None


async def store_account(new: NewAccount, now: datetime) -> Account:
    """Store a new account under a login code of its own, inside the running transaction.

    A lost race raises IntegrityError.
    """
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
        email_verified_at=now if new.verified else None,
        locale=new.locale,
        password_hash=new.password_hash,
        password_set_at=None if new.starter_until else now,
        password_expires_at=new.starter_until,
        must_change_password=new.starter_until is not None,
        created_at=now,
    )


async def give_anew(account: Account, new: NewAccount) -> bool:
    """Replace a starter password that the person never replaced, with the person's current data.

    Raises the epoch, so that unfinished sign-ins end. False after a concurrent change by the person or a colleague.
    """
    unused = Account.filter(id=account.id, epoch=account.epoch, password_expires_at__isnull=False)
    changed = await unused.update(
        name=new.name,
        email=new.email,
        email_key=new.email_key,
        locale=new.locale,
        password_hash=new.password_hash,
        password_expires_at=new.starter_until,
        epoch=account.epoch + 1,
    )
    return changed == 1


async def account_with_practice(account_id: object) -> Account | None:
    """The account with its practice, in one statement."""
    return await Account.filter(id=account_id).select_related("practice").first()


async def account_by_login(practice_id: object, login_code: str | None, email_key: str | None) -> Account | None:
    """The one account that this login code or canonical e-mail signs in; always one statement."""
    return await Account.filter(
        Q(practice_id=practice_id) & (Q(login_code=login_code or "") | Q(email_key=email_key or ""))
    ).first()


async def raise_epoch(account_id: object) -> None:
    """Raise the epoch: no sign-in of an older epoch can complete."""
    await Account.filter(id=account_id).update(epoch=F("epoch") + 1)


async def wipe_account(account_id: object, now: datetime) -> None:
    """Nobody can sign in with it again. The address is free; the login code never leads to anybody else."""
    await Account.filter(id=account_id).update(
        email=None,
        email_key=None,
        email_verified_at=None,
        phone=None,
        password_hash=None,
        password_expires_at=None,
        must_change_password=False,
        reset_requested_at=None,
        exempt_until=None,
        suspended_at=now,
        closed_at=now,
    )


async def suspend_account(account_id: object, now: datetime) -> bool:
    """Suspend the account and raise its epoch; False where it is suspended or closed already."""
    changed = await Account.filter(id=account_id, suspended_at=None).update(
        suspended_at=now, epoch=F("epoch") + 1, reset_requested_at=None
    )
    return changed == 1


async def reinstate_account(account_id: object) -> bool:
    """Undo :func:`suspend_account`; False where it is not suspended, or closed by the person."""
    suspended = Account.filter(id=account_id, suspended_at__isnull=False, closed_at=None)
    return await suspended.update(suspended_at=None) == 1


async def rename_account(account_id: object, name: str) -> None:
    """The person is called so from now on."""
    await Account.filter(id=account_id).update(name=name)


async def may_complete(account_id: object, epoch: int, now: datetime) -> bool:
    """Stamp a completed sign-in, unless the account moved on; serialises with :func:`raise_epoch`."""
    changed = await Account.filter(id=account_id, epoch=epoch, suspended_at=None).update(last_sign_in_at=now)
    return changed == 1


async def code_taken(practice_id: object, login_code: str) -> bool:
    """Whether a login code is in use in the practice."""
    return await Account.filter(practice_id=practice_id, login_code=login_code).exists()


async def email_key_taken(practice_id: object, email_key: str, but: object = None) -> bool:
    """Whether an address signs in an account of the practice, except one."""
    return await Account.filter(practice_id=practice_id, email_key=email_key).exclude(id=but or NOBODY).exists()
