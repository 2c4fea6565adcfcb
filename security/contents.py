"""Whether bytes are what their media type says: by looking at them, never by a name.

Polyglots are refused where that can be told: a PDF begins at its first byte and nothing follows its end, and what is
kept of a picture is drawn anew.
"""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Literal

Wrong = Literal["EMPTY", "TYPE", "NOT_PDF", "NOT_TEXT", "NOT_IMAGE"]

#: 2 000 × 2 000: plenty for a logo, and 16 MB when it is drawn.
_MOST_PIXELS = 4_000_000

#: A progressive JPEG has about ten. Each is decoded over the whole picture, so thousands keep a processor for minutes.
_MOST_SCANS = 100
_SCAN = b"\xff\xda"

_PDF = re.compile(rb"%PDF-[12]\.\d")
# ISO 32000-2, 7.5.5: where the cross-references begin, then the end of the file.
_PDF_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_PDF_REFERENCES = re.compile(rb"\s{0,4}(?:xref\b|\d{1,10}\s+\d{1,5}\s+obj\b)")
_ZIP_END = b"PK\x05\x06"
#: As far from the end as a ZIP's directory may stand (APPNOTE, 4.3.16).
_ZIP_REACH = 65_557
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


class BadContent(Exception):
    """Not what it says it is; ``reason`` is a code."""

    def __init__(self, reason: Wrong) -> None:
        super().__init__(reason)
        self.reason: Wrong = reason


def checked(media_type: str, content: bytes) -> bytes:
    """What is to be kept: the bytes, or the picture in them. Takes too long for an event loop. Raises BadContent."""
    check = _CHECKS.get(media_type)
    if check is None:
        raise BadContent("TYPE")
    if not content:
        raise BadContent("EMPTY")
    return check(content)


def _pdf(content: bytes) -> bytes:
    end = _PDF_END.search(content[-1024:])
    if not _PDF.match(content) or not end:
        raise BadContent("NOT_PDF")
    start = int(end[1])
    if not _PDF_REFERENCES.match(content[start : start + 40]) or _ZIP_END in content[-_ZIP_REACH:]:
        raise BadContent("NOT_PDF")
    return content


def _text(content: bytes) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BadContent("NOT_TEXT") from None
    if not text.strip():
        raise BadContent("EMPTY")
    if _NOT_IN_TEXT.search(text):
        raise BadContent("NOT_TEXT")
    return content


def _picture(kind: str) -> Callable[[bytes], bytes]:
    def drawn_anew(content: bytes) -> bytes:
        # Slow to import, and most processes never see a picture.
        from PIL import Image, ImageOps

        if kind == "JPEG" and content.count(_SCAN) > _MOST_SCANS:
            raise BadContent("NOT_IMAGE")
        try:
            with Image.open(BytesIO(content), formats=[kind]) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise BadContent("NOT_IMAGE")
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                drawn = upright.convert(_mode(kind, upright.mode))
                # Comments, profiles and the rest, which it would be saved with.
                drawn.info.clear()
                kept = BytesIO()
                drawn.save(kept, format=kind)
        except BadContent:
            raise
        except Exception as error:
            # A decoder can raise anything for a client's bytes.
            raise BadContent("NOT_IMAGE") from error
        return kept.getvalue()

    return drawn_anew


def _mode(kind: str, mode: str) -> str:
    """Colours as every reader knows them."""
    if kind == "JPEG":
        return "L" if mode == "L" else "RGB"
    return "RGBA" if mode in ("RGBA", "LA", "PA", "P", "RGBa", "La") else "RGB"


_CHECKS: Mapping[str, Callable[[bytes], bytes]] = {
    "application/pdf": _pdf,
    "text/plain": _text,
    "image/png": _picture("PNG"),
    "image/jpeg": _picture("JPEG"),
}
MEDIA_TYPES = tuple(_CHECKS)
