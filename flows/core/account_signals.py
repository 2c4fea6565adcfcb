"""Publishing that an account changed."""

from flows.core.context import AppContext
from models.access.access import dossiers_of


async def publish_account_change(app: AppContext, account_id: object) -> None:
    """Wake the person's own pages, and the subscribers of each dossier that the account answers for.

    Call inside the transaction of the change.
    """
    dossiers = await dossiers_of(account_id)
    await app.signals.publish(f"account:{account_id}", *(f"dossier:{dossier}" for dossier in dossiers))
