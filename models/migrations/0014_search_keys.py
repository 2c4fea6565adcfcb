"""Names are found by the keys of `normalise.search`, so the stored ones are computed again.

Going back changes nothing: the release before finds names by these keys as well, but for dashes and apostrophes, and
writes its own key whenever a name changes.
"""

from typing import Any

from tortoise import migrations
from tortoise.migrations.operations import TortoiseOperation

from models.db.rules import together
from normalise.search import search_key

_BATCH = 500
#: The table, and where its names are.
_NAMED = (
    ("dossier", "t.name", ""),
    ("respondent", "t.name", ""),
    ("prospect", "a.name", " JOIN account a ON a.id = t.account_id"),
)


class SearchKeysAgain(TortoiseOperation):
    """In batches by id, and only where the key is another one."""

    def describe(self) -> str:
        return "Compute the search keys of names again"

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        for table, name, join in _NAMED:
            await _again(state_editor.client, table, name, join)

    async def database_backward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """The keys stay."""


async def _again(client: Any, table: str, name: str, join: str) -> None:
    first, second = ("?", "?") if client.capabilities.dialect == "sqlite" else ("$1", "$2")
    after: list[Any] = []
    while True:
        beyond = f" WHERE t.id > {first}" if after else ""
        rows = await client.execute_query_dict(
            f"SELECT t.id, t.sort_key, {name} AS name FROM {table} t{join}{beyond} ORDER BY t.id LIMIT {_BATCH}",  # noqa: S608
            after,
        )
        for row in rows:
            if row["sort_key"] != (key := search_key(row["name"])):
                await client.execute_query(
                    f"UPDATE {table} SET sort_key = {first} WHERE id = {second}",  # noqa: S608
                    [key, row["id"]],
                )
        if len(rows) < _BATCH:
            return
        after = [rows[-1]["id"]]


class Migration(migrations.Migration):
    dependencies = [("models", "0013_audit_chain")]

    operations = together(SearchKeysAgain())
