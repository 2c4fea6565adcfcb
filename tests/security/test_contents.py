"""Bytes are what they say they are, or they are refused with a reason."""

import io

import pytest
from PIL import Image

from security.contents import BadContent, checked
from tests.support.contents import HTML, archive, pdf, picture, zip_in_pdf

PDF, TEXT, PNG, JPEG = "application/pdf", "text/plain", "image/png", "image/jpeg"
WHOLE = pdf()


def refused(media_type: str, content: bytes) -> str:
    with pytest.raises(BadContent) as raised:
        checked(media_type, content)
    return raised.value.reason


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (PDF, WHOLE),
        (PDF, WHOLE + b"\r\n"),
        (TEXT, "Łódź, één\r\n\ttabel 👩‍👧".encode()),
        (TEXT, HTML),
    ],
)
def test_what_is_whole_is_kept_as_it_is(media_type: str, content: bytes) -> None:
    assert checked(media_type, content) == content


@pytest.mark.parametrize(
    "content",
    [
        picture(),
        HTML,
        b"%PDF-1.7\n" + HTML,
        b"%PDF-1.7\n" + HTML + b"\nstartxref\n9\n%%EOF",
        WHOLE[:-100],
        WHOLE[:200],
        b"\n" + WHOLE,
        HTML + WHOLE,
        picture("GIF") + WHOLE,
        WHOLE + archive(),
        WHOLE + HTML,
        zip_in_pdf(),
        b"%PDF-1.7\nstartxref\n99999999\n%%EOF",
        b"%PDF-9.7" + WHOLE[8:],
    ],
)
def test_what_is_no_pdf_or_something_else_besides(content: bytes) -> None:
    assert refused(PDF, content) == "NOT_PDF"


@pytest.mark.parametrize(
    "content", [picture(), "é".encode("latin-1"), b"a\x00b", b"a\x1b[2Jb", "a\x85b".encode(), "é".encode("utf-16")]
)
def test_what_is_no_text(content: bytes) -> None:
    assert refused(TEXT, content) == "NOT_TEXT"


@pytest.mark.parametrize("media_type", [PDF, TEXT, PNG, JPEG])
def test_nothing_at_all(media_type: str) -> None:
    assert refused(media_type, b"") == "EMPTY"


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/zip", "application/pdf; x", ""])
def test_types_that_are_not_taken(media_type: str) -> None:
    assert refused(media_type, WHOLE) == "TYPE"


@pytest.mark.parametrize(("media_type", "kind"), [(PNG, "PNG"), (JPEG, "JPEG")])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "CMYK"])
def test_a_picture_is_drawn_anew_and_nothing_else_is_kept(media_type: str, kind: str, mode: str) -> None:
    if (kind, mode) in {("PNG", "CMYK"), ("JPEG", "P"), ("JPEG", "RGBA"), ("JPEG", "LA")}:
        return
    kept = checked(media_type, picture(kind, mode=mode) + HTML)
    assert HTML not in kept
    with Image.open(io.BytesIO(kept)) as drawn:
        assert (drawn.format, drawn.size) == (kind, (40, 30))


def test_a_picture_keeps_no_metadata() -> None:
    noted = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "made at somebody's home"
    Image.new("RGB", (8, 8)).save(noted, format="JPEG", exif=exif, comment=b"secret")
    assert b"home" in noted.getvalue()
    kept = checked(JPEG, noted.getvalue())
    assert b"home" not in kept
    assert b"secret" not in kept


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (PNG, picture("JPEG")),
        (JPEG, picture("PNG")),
        (PNG, picture("GIF")),
        (PNG, picture()[:-30]),
        (PNG, picture(size=(2001, 2000))),
        (PNG, WHOLE),
        (JPEG, b"\xff\xd8\xff" + HTML),
    ],
)
def test_what_is_no_picture_of_its_type(media_type: str, content: bytes) -> None:
    assert refused(media_type, content) == "NOT_IMAGE"


def test_a_jpeg_of_thousands_of_scans_is_refused() -> None:
    """Each scan is decoded over the whole picture: 44 kB of them kept a processor for a second."""
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(drawn, format="JPEG", progressive=True)
    whole = drawn.getvalue()
    assert checked(JPEG, whole)
    last = whole.rindex(b"\xff\xda")
    with pytest.raises(BadContent):
        checked(JPEG, whole[:last] + whole[last:-2] * 100 + whole[-2:])
