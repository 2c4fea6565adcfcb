"""Files, sealed at rest. An uploaded file that is not attached to something soon is deleted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise import fields

from models.core.account import Account
from models.core.practice import Practice
from models.db.base import Row, parent_key, practice_key

#: How many bytes of text are shown in place; longer ones are downloaded.
LONGEST_SHOWN = 200_000


class StoredFile(Row):
    """``content`` is sealed for this practice and this row. ``size`` is in bytes, unsealed."""

    practice_id: UUID
    practice: fields.ForeignKeyRelation[Practice] = practice_key()
    account_id: UUID | None
    account: fields.ForeignKeyNullableRelation[Account] = parent_key("Account", null=True)
    media_type = fields.CharField(max_length=40)
    size = fields.IntField()
    created_at = fields.DatetimeField(db_index=True)
    attached_at = fields.DatetimeField(null=True)
    content = fields.BinaryField()

    class Meta:
        table = "stored_file"


async def attach(practice_id: object, account_id: object, file_id: object, kinds: list[str], now: datetime) -> bool:
    """Mark a file as used, once and only by its uploader, if it is of these media types."""
    waiting = StoredFile.filter(id=file_id, practice_id=practice_id, account_id=account_id, attached_at=None)
    return await waiting.filter(media_type__in=kinds).update(attached_at=now) == 1


async def size_of(file_id: object) -> int:
    """In bytes, unsealed."""
    return (await StoredFile.get(id=file_id).only("id", "size")).size


async def stored_file(practice_id: object, file_id: object) -> StoredFile:
    """A file that something refers to, with its content."""
    return await StoredFile.get(id=file_id, practice_id=practice_id)


async def texts_of(file_ids: Sequence[UUID]) -> list[StoredFile]:
    """Those of these files that are plain text and not too long to be shown: one statement."""
    if not file_ids:
        return []
    return await StoredFile.filter(id__in=file_ids, media_type="text/plain", size__lte=LONGEST_SHOWN)


async def forget_unattached(before: datetime) -> None:
    """Housekeeping: files that nothing was done with."""
    await StoredFile.filter(attached_at=None, created_at__lt=before).delete()
