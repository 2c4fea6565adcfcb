"""Numbers under which carers and practices are registered in the Netherlands, as people type them."""

import re
from collections.abc import Callable, Mapping

from normalise.codes import read_code, typed_code

AGB, BIG, KVK, VAT = "AGB", "BIG", "KVK", "VAT"

_VAT = re.compile(r"NL[0-9]{9}B[0-9]{2}")


def read_agb(text: str) -> str | None:
    """An AGB code, by which health insurers know carers and practices: 8 digits. None for anything else."""
    return read_code(text, 8)


def read_big(text: str) -> str | None:
    """A number in the BIG register of professions: 11 digits."""
    return read_code(text, 11)


def read_kvk(text: str) -> str | None:
    """A number in the trade register of the Kamer van Koophandel: 8 digits."""
    return read_code(text, 8)


def read_vat(text: str) -> str | None:
    """A Dutch VAT identification number (btw-id): `NL`, 9 digits, `B`, 2 digits. Its check digits are not looked at."""
    code = (typed_code(text.replace(".", "")) or "").upper()
    return code if _VAT.fullmatch(code) else None


READERS: Mapping[str, Callable[[str], str | None]] = {AGB: read_agb, BIG: read_big, KVK: read_kvk, VAT: read_vat}
