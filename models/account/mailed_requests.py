"""The accounts of a mailed request (a new password, a forgotten login code), and the link that it creates."""

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Lower

from models.access.access import dossiers_of
from models.core.account import Account
from models.core.mailed_link import LinkPurpose, MailedLink
from models.core.signal import add_signals
from models.locks import hold_account
from normalise.addresses import EmailAddress, address_key


async def accounts_of_contact(practice_id: UUID, address: EmailAddress) -> list[Account]:
    """The practice's accounts that mail to this address may speak of, oldest first; families share one."""
    # The database folds only ASCII, so it narrows down and the policy on addresses decides.
    near = (
        Account.filter(practice_id=practice_id, suspended_at__isnull=True, email__isnull=False)
        .annotate(folded=Lower("email"))
        .filter(Q(folded=address.shown.lower()) | Q(email=address.shown) | Q(email_key=address.key))
        .order_by("created_at", "login_code")
    )
    return [account for account in await near if account.email and address_key(account.email) == address.key]


async def open_reset_link(account_id: UUID, token_hash: str, now: datetime, expires_at: datetime) -> Account | None:
    """Store the account's one open link for a new password and return the account as the link binds it.

    Supersedes an older link. None, and nothing stored, for an account that is suspended, has no address or still
    has a starter password.
    Call inside a transaction.
    """
    # A starter password was given to a person, and its address proven by nobody: it is replaced by signing in.
    open_to_mail = Account.filter(
        id=account_id, suspended_at__isnull=True, email__isnull=False, password_expires_at__isnull=True
    )
    # Held, so that two requests for one account pass in turn.
    account = await hold_account(account_id)
    if account is None or not await open_to_mail.update(reset_requested_at=now):
        return None
    purpose = LinkPurpose.RESET_PASSWORD
    await MailedLink.filter(
        account_id=account.id, purpose=purpose, used_at__isnull=True, superseded_at__isnull=True
    ).update(superseded_at=now)
    await MailedLink.create(
        practice_id=account.practice_id,
        account_id=account.id,
        purpose=purpose,
        email=account.email,
        epoch=account.epoch,
        token_hash=token_hash,
        created_at=now,
        expires_at=expires_at,
    )
    # Staff who look at the person's dossier see that it was asked for.
    await add_signals(tuple(f"dossier:{dossier}" for dossier in await dossiers_of(account.id)), now)
    return account
