"""Files as people have them, and as people who mean harm make them."""

import io
import zipfile

from fpdf import FPDF
from PIL import Image


def pdf(*lines: str) -> bytes:
    """A page with these lines."""
    made = FPDF()
    made.add_page()
    made.set_font("helvetica", size=12)
    for line in lines or ("Report",):
        made.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size, "navy" if mode == "RGB" else None).save(drawn, format=kind)
    return drawn.getvalue()


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("index.html", HTML)
    return packed.getvalue()


def zip_in_pdf() -> bytes:
    """A valid PDF that is a valid archive as well: the PDF's end is the archive's comment."""
    page = pdf()
    head, end = page[: page.rindex(b"startxref")], page[page.rindex(b"startxref") :]
    packed = bytearray(archive())
    packed[-2:] = len(end).to_bytes(2, "little")
    return head + b"% " + bytes(packed) + end


HTML = b"<!doctype html><script>alert(document.domain)</script>"
