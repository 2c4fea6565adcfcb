"""Wake-ups between workers that share only the database."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.db.database import fetch


class Signal(Model):
    """Something about ``topic`` changed, carries no content, readers ask the database again."""

    id = fields.BigIntField(primary_key=True, generated=True)
    topic = fields.CharField(max_length=80)
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "signal"


async def add_signals(topics: tuple[str, ...], at: datetime) -> list[int]:
    """Ring these topics, in the running transaction and one statement; answers the signals' ids."""
    if not topics:
        return []
    places = ", ".join("(?, ?)" for _ in topics)
    params = [value for topic in topics for value in (topic, at)]
    sql = f"INSERT INTO signal (topic, at) VALUES {places} RETURNING id"  # noqa: S608 - places only
    return [int(row["id"]) for row in await fetch(sql, *params)]


async def latest_signal() -> int:
    """The newest id, or 0."""
    rows = await fetch("SELECT MAX(id) AS latest FROM signal")
    return int(rows[0]["latest"] or 0)


async def signals_after(identity: int) -> list[tuple[int, str]]:
    rows = await fetch("SELECT id, topic FROM signal WHERE id > ? ORDER BY id", identity)
    return [(int(row["id"]), row["topic"]) for row in rows]


async def forget_signals(before: datetime) -> None:
    await Signal.filter(at__lt=before).delete()
