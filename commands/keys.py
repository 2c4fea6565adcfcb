"""Rotating the keys from the command line; what is said names tables, rows and keys, never what a row holds."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import typer

from commands.ending import refuse
from flows.core.context import AppContext
from flows.core.key_rotation import SEGMENTS, Fate, SealedCounts, count_sealed, reseal, reseal_segments
from models.core.sealed import SEALED_COLUMNS
from security.keys import KeyRing


async def tell_keys(app: AppContext) -> None:
    """How many values each key holds; ends with exit code 1 where a value's key is not in the settings."""
    found = await count_sealed(app.keys)
    for line in _described(found, app.keys):
        typer.echo(line)
    refuse(values_of_unknown_keys(found))


async def rotate_keys(app: AppContext) -> None:
    """Seal everything with the first key; ends with exit code 1 where something does not open, or stays behind."""
    keys, broken = app.keys, 0
    for where in SEALED_COLUMNS:
        broken += await _tell(str(where), reseal(keys, where), keys)
    broken += await _tell(SEGMENTS, reseal_segments(keys), keys)
    found = await count_sealed(keys)
    for line in _described(found, keys):
        typer.echo(line)
    refuse([*_unfinished(found, keys, broken)])


async def _tell(where: str, work: AsyncIterator[tuple[UUID | str, Fate]], keys: KeyRing) -> int:
    """Say what becomes of a column's values; answers how many opened with no key."""
    fates: Counter[Fate] = Counter()
    async for row_id, fate in work:
        fates[fate] += 1
        if fate is Fate.BROKEN:
            typer.echo(f"{where}: row {row_id} opens with no key.", err=True)
    typer.echo(f"{where}: {fates[Fate.RESEALED]} sealed with {keys.active}.")
    return fates[Fate.BROKEN]


def values_of_unknown_keys(found: SealedCounts) -> list[str]:
    """A line where there are values of a key that is not in the settings; else none."""
    if not (count := found.unknown.total()):
        return []
    where = ", ".join(f"{column} {number}" for column, number in found.unknown.items() if number)
    return [f"SLUIS_SECRET_KEYS: {_values(count)} sealed with no key in it ({where}): add the key that is missing"]


def _described(found: SealedCounts, keys: KeyRing) -> Iterator[str]:
    for key, columns in found.by_key.items():
        where = ", ".join(f"{column} {count}" for column, count in columns.items() if count)
        role = "active" if key == keys.active else "may be dropped" if not where else "still needed"
        yield f"Key {key} ({role}): {_values(columns.total())}{': ' if where else ''}{where}."


def _unfinished(found: SealedCounts, keys: KeyRing, broken: int) -> Iterator[str]:
    if broken:
        yield f"{_values(broken)} could not be opened and stayed as they were."
    # What does not open is behind as well, and is told above.
    elif behind := found.behind(keys.active):
        yield f"{_values(behind)} came in under an older key meanwhile: restart what seals with it, and run this again."


def _values(count: int) -> str:
    return f"{count} value{'' if count == 1 else 's'}"
