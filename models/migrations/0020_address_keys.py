"""Two mailboxes have two keys: `straße@` and `strasse@` shared one, so the stored keys of addresses are computed again.

Going back changes nothing: to the release before, whose address has such a letter signs in by the login code alone.
"""

from typing import Any

from tortoise import migrations
from tortoise.migrations.operations import TortoiseOperation

from models.db.rules import together
from normalise.addresses import BadAddress, parse_email

_BATCH = 500


class AddressKeysAgain(TortoiseOperation):
    """In batches by id, and only where the key is another one. An account without a key stays without."""

    def describe(self) -> str:
        return "Compute the keys of e-mail addresses again"

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        for table in ("account", "staff_member"):
            await _again(state_editor.client, table)

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """The keys stay."""


async def _again(client: Any, table: str) -> None:
    first, second = ("?", "?") if client.capabilities.dialect == "sqlite" else ("$1", "$2")
    after: list[Any] = []
    while True:
        beyond = f" AND id > {first}" if after else ""
        rows = await client.execute_query_dict(
            f"SELECT id, email, email_key FROM {table} WHERE email_key IS NOT NULL AND email IS NOT NULL{beyond}"  # noqa: S608
            f" ORDER BY id LIMIT {_BATCH}",
            after,
        )
        for row in rows:
            key = _key(row["email"])
            if key is not None and key != row["email_key"]:
                await client.execute_query(
                    f"UPDATE {table} SET email_key = {first} WHERE id = {second}",  # noqa: S608
                    [key, row["id"]],
                )
        if len(rows) < _BATCH:
            return
        after = [rows[-1]["id"]]


def _key(email: str) -> str | None:
    """None for an address that was stored before a rule was made: its key stays."""
    try:
        return parse_email(email).key
    except BadAddress:
        return None


class Migration(migrations.Migration):
    dependencies = [("models", "0019_counting_key")]

    operations = together(AddressKeysAgain())
