"""Files: checked by what is in them, sealed, and handed out again."""

import asyncio
from uuid import UUID, uuid4

from flows.access.reach import staff
from flows.core import audit
from flows.core.context import Caller, House
from flows.core.limits import counted, hour_is_full
from flows.documents.documents import Document
from flows.refusals import FileRefused, NotFound
from models import StoredFile
from models.core.sealed import FILE
from models.db.database import transaction
from models.documents.stored_file import attach
from security.contents import MEDIA_TYPES, BadContent, checked

EXTENSIONS = {"application/pdf": ".pdf", "text/plain": ".txt", "image/png": ".png", "image/jpeg": ".jpg"}


async def admit_upload(house: House, caller: Caller | None, media_type: str) -> Caller:
    """Before a byte is read: staff only, of a type that is taken, and not more than so many an hour.

    Raises NotSignedIn, NotAllowed, AwaitingApproval, FileRefused or TooManyAttempts.
    """
    member = staff(caller)
    if media_type not in MEDIA_TYPES:
        raise FileRefused("TYPE")
    whom, limit = f"account:{member.account_id}", house.rules.windows.uploads_per_hour
    if not await counted(house, "upload", whom, limit=limit):
        raise hour_is_full(house)
    return member


async def keep(house: House, member: Caller, media_type: str, content: bytes) -> StoredFile:
    """Check and store a file that nothing uses yet. Raises FileRefused."""
    stored = await sealed_file(house, member, media_type, content)
    async with transaction():
        await stored.save()
        await audit.record(house, member, "file.uploaded", ("StoredFile", stored.id))
    return stored


async def sealed_file(house: House, member: Caller, media_type: str, content: bytes) -> StoredFile:
    """A checked file, not stored yet. Raises FileRefused."""
    identity = uuid4()
    try:
        kept = await _checked(house, media_type, content)
    except BadContent as error:
        raise FileRefused(error.reason) from error
    return StoredFile(
        id=identity,
        practice_id=member.practice_id,
        account_id=member.account_id,
        media_type=media_type,
        size=len(kept),
        created_at=house.now,
        content=await asyncio.to_thread(_sealed, house, member.practice_id, identity, kept),
    )


async def _checked(house: House, media_type: str, content: bytes) -> bytes:
    if media_type.startswith("image/"):
        # Drawn anew.
        return await house.workbench.do(lambda: checked(media_type, content))
    return await asyncio.to_thread(checked, media_type, content)


async def download(house: House, caller: Caller | None, file_id: str) -> Document:
    """What the caller uploaded and did nothing with yet. Raises NotFound."""
    member = staff(caller)
    found = await StoredFile.get_or_none(
        id=file_id, practice_id=member.practice_id, account_id=member.account_id, attached_at=None
    )
    outcome = "SUCCESS" if found else "REFUSED"
    await audit.record(house, member, "file.read", ("StoredFile", file_id), outcome=outcome)
    if found is None:
        raise NotFound
    return await document(house, found, "")


async def document(house: House, stored: StoredFile, name: str) -> Document:
    """An opened file under a name, to which the type's extension is added; takes a thread, being long."""
    content = await asyncio.to_thread(opened, house, stored)
    return Document(name + EXTENSIONS[stored.media_type], stored.media_type, content)


def opened(house: House, stored: StoredFile) -> bytes:
    """Raises security.keys.CannotOpen for a row that was moved or changed."""
    return house.keys.open(stored.content, *FILE.place(stored.practice_id, stored.id))


async def use(house: House, member: Caller, file_id: str, kinds: list[str]) -> None:
    """Attach what the caller uploaded, inside the running transaction. Raises NotFound, for a used one too."""
    if not await attach(member.practice_id, member.account_id, file_id, kinds, house.now):
        raise NotFound


def _sealed(house: House, practice_id: str, identity: UUID, content: bytes) -> bytes:
    return house.keys.seal(content, *FILE.place(practice_id, identity))
