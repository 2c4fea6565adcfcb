"""Files: checked by what is in them, sealed, and handed out again."""

import asyncio
from uuid import UUID, uuid4

from flows.access.reach import staff
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.limits import hour_is_full, within_hourly_limit
from flows.documents.documents import Document
from flows.refusals import FileRefused, NotFound
from models import StoredFile
from models.core.sealed import FILE
from models.db.database import transaction
from models.documents.stored_file import attach
from security.contents import MEDIA_TYPES, BadContent, checked

EXTENSIONS = {"application/pdf": ".pdf", "text/plain": ".txt", "image/png": ".png", "image/jpeg": ".jpg"}


async def admit_upload(app: AppContext, caller: Caller | None, media_type: str) -> Caller:
    """Before a byte is read: staff only, of a type that is taken, and not more than so many an hour.

    Raises NotSignedIn, NotAllowed, AwaitingApproval, FileRefused or TooManyAttempts.
    """
    member = staff(caller)
    if media_type not in MEDIA_TYPES:
        raise FileRefused("TYPE")
    subject, limit = f"account:{member.account_id}", app.rules.windows.uploads_per_hour
    if not await within_hourly_limit(app, "upload", subject, limit=limit):
        raise hour_is_full(app)
    return member


async def keep(app: AppContext, member: Caller, media_type: str, content: bytes) -> StoredFile:
    """Check and store a file that nothing uses yet. Raises FileRefused."""
    stored = await sealed_file(app, member, media_type, content)
    async with transaction():
        await stored.save()
        await audit.record(app, member, "file.uploaded", ("StoredFile", stored.id))
    return stored


async def sealed_file(app: AppContext, member: Caller, media_type: str, content: bytes) -> StoredFile:
    """A checked file, not stored yet. Raises FileRefused."""
    identity = uuid4()
    try:
        kept = await _checked(app, media_type, content)
    except BadContent as error:
        raise FileRefused(error.reason) from error
    return StoredFile(
        id=identity,
        practice_id=member.practice_id,
        account_id=member.account_id,
        media_type=media_type,
        size=len(kept),
        created_at=app.now,
        content=await asyncio.to_thread(_sealed, app, member.practice_id, identity, kept),
    )


async def _checked(app: AppContext, media_type: str, content: bytes) -> bytes:
    if media_type.startswith("image/"):
        # Drawn anew.
        return await app.worker_pool.run(lambda: checked(media_type, content))
    return await asyncio.to_thread(checked, media_type, content)


async def download(app: AppContext, caller: Caller | None, file_id: str) -> Document:
    """What the caller uploaded and did nothing with yet. Raises NotFound."""
    member = staff(caller)
    found = await StoredFile.get_or_none(
        id=file_id, practice_id=member.practice_id, account_id=member.account_id, attached_at=None
    )
    outcome = "SUCCESS" if found else "REFUSED"
    await audit.record(app, member, "file.read", ("StoredFile", file_id), outcome=outcome)
    if found is None:
        raise NotFound
    return await document(app, found, "")


async def document(app: AppContext, stored: StoredFile, name: str) -> Document:
    """An opened file under a name, to which the type's extension is added; takes a thread, being long."""
    content = await asyncio.to_thread(opened, app, stored)
    return Document(name + EXTENSIONS[stored.media_type], stored.media_type, content)


def opened(app: AppContext, stored: StoredFile) -> bytes:
    """Raises security.keys.CannotOpen for a row that was moved or changed."""
    return app.keys.open(stored.content, *FILE.place(stored.practice_id, stored.id))


async def use(app: AppContext, member: Caller, file_id: str, kinds: list[str]) -> None:
    """Attach what the caller uploaded, inside the running transaction. Raises NotFound, for a used one too."""
    if not await attach(member.practice_id, member.account_id, file_id, kinds, app.now):
        raise NotFound


def _sealed(app: AppContext, practice_id: str, identity: UUID, content: bytes) -> bytes:
    return app.keys.seal(content, *FILE.place(practice_id, identity))
