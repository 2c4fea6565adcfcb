"""Receipts on paper: one PDF each, made anew whenever it is asked for and each time the same bytes."""

import io
import logging
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from delivery.texts import one_line
from locales import language_of, shown_amount, shown_date, shown_day_of, shown_moment, text
from models import Receipt
from security.worker_pool import WorkerPool

if TYPE_CHECKING:
    from fpdf import FPDF
    from PIL.Image import Image

#: Regular; the other weights of this variable font take seconds to make.
_FONT = files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf"
_MARGIN, _WIDTH = 20.0, 170.0
_LINE = 6.0
_AMOUNT = 45.0
_GREY, _FAINT = (90, 90, 90), (215, 170, 170)

_LOGO_FORMATS = ("PNG", "JPEG")
_LOGO_SIDE = 4000
#: 300 dots per inch of the place that it gets, in millimetres.
_LOGO_PIXELS, _LOGO_PLACE = (710, 295), (60.0, 25.0)

# Tells of each character that the font lacks, and that is a part of somebody's name.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


class ReceiptPrinter:
    """Prints receipts in the worker pool, so that requests do not wait for it."""

    def __init__(self, worker_pool: WorkerPool) -> None:
        self._worker_pool = worker_pool

    async def print(self, receipt: Receipt, logo: bytes | None) -> bytes:
        """The receipt as a PDF; a logo that is no usable picture is left out."""
        return await self._worker_pool.run(lambda: _print(receipt, logo))

    async def preload(self) -> None:
        """Load the PDF library and the font once, so that the first receipt does not wait for them."""
        await self._worker_pool.run(_preload)


def _print(receipt: Receipt, logo: bytes | None) -> bytes:
    # Half a second that only those pay who print.
    from fpdf import FPDF

    language = language_of(receipt.locale)
    page = FPDF(format="A4")
    page.set_creation_date(receipt.issued_at)
    page.set_title(f"{text('receipt.title', language)} {receipt.number}")
    page.set_author(one_line(receipt.practice_name))
    page.set_lang(language)
    page.set_margins(_MARGIN, _MARGIN)
    page.add_font("noto", fname=str(_FONT))
    page.add_page()
    _head(page, receipt, _picture(logo) if logo else None, language)
    _facts(page, receipt, language)
    _lines(page, receipt, language)
    if receipt.voided_at:
        _void(page, text("receipt.void", language))
    return bytes(page.output())


@cache
def _preload() -> None:
    from fpdf import FPDF

    page = FPDF(format="A4")
    page.add_font("noto", fname=str(_FONT))
    page.add_page()
    _write(page, "0")
    page.output()


def _head(page: "FPDF", receipt: Receipt, logo: "Image | None", language: str) -> None:
    if logo is not None:
        width, height = _LOGO_PLACE
        page.image(logo, x=_MARGIN, y=_MARGIN, w=width, h=height, keep_aspect_ratio=True)
        page.set_y(_MARGIN + height + 5)
    _write(page, one_line(receipt.practice_name), size=14)
    for line in receipt.practice_address.splitlines():
        _write(page, one_line(line), grey=True)
    vat = text("receipt.vat", language)
    numbers = (("AGB", receipt.practice_agb), ("KvK", receipt.practice_kvk), (vat, receipt.practice_vat))
    if registered := _registered(*numbers):
        _write(page, registered, grey=True)
    page.ln(10)


def _facts(page: "FPDF", receipt: Receipt, language: str) -> None:
    _write(page, f"{text('receipt.title', language)} {receipt.number}", size=20)
    if receipt.voided_at:
        day = shown_day_of(receipt.voided_at, receipt.time_zone, language)
        _write(page, text("receipt.voided", language, day=day))
    page.ln(4)
    _pair(page, text("receipt.date", language), shown_day_of(receipt.issued_at, receipt.time_zone, language))
    _pair(page, text("receipt.payer", language), one_line(receipt.payer))
    if receipt.client != receipt.payer:
        _pair(page, text("receipt.client", language), one_line(receipt.client))
    if receipt.client_birth_date:
        _pair(page, text("receipt.born", language), shown_date(receipt.client_birth_date, language))
    if receipt.therapist:
        _pair(page, text("receipt.therapist", language), one_line(receipt.therapist))
    if registered := _registered(("AGB", receipt.therapist_agb), ("BIG", receipt.therapist_big)):
        _pair(page, text("receipt.registration", language), registered)
    _pair(page, text("receipt.held", language), shown_moment(receipt.held_at, receipt.time_zone, language))
    if receipt.paid_on:
        way = f", {text(f'receipt.paid.{receipt.paid_by}', language)}" if receipt.paid_by else ""
        _pair(page, text("receipt.paid", language), shown_date(receipt.paid_on, language) + way)
    page.ln(6)


def _registered(*numbers: tuple[str, str | None]) -> str:
    """``AGB 94012345 · BIG 49012345678``: those that there are."""
    return " · ".join(f"{name} {number}" for name, number in numbers if number)


def _lines(page: "FPDF", receipt: Receipt, language: str) -> None:
    amount = f"{text('receipt.amount', language)} ({receipt.currency})"
    _row(page, text("receipt.description", language), amount, grey=True)
    for paid in receipt.lines:
        what = one_line(paid["description"])
        what = text("receipt.discount", language, what=what) if paid["minor"] < 0 else what
        _row(page, what, shown_amount(receipt.amount(paid["minor"]), language))
    page.ln(2)
    page.line(_MARGIN, page.get_y(), _MARGIN + _WIDTH, page.get_y())
    page.ln(2)
    _row(page, text("receipt.total", language), f"{receipt.currency} {shown_amount(receipt.total, language)}")
    page.ln(8)
    for line in receipt.note.splitlines():
        _write(page, one_line(line), grey=True)


def _void(page: "FPDF", void: str) -> None:
    page.set_font("noto", size=90)
    page.set_text_color(*_FAINT)
    middle, height = page.w / 2, page.h / 2
    for number in range(1, page.pages_count + 1):
        page.page = number
        with page.local_context(fill_opacity=0.5), page.rotation(45, middle, height):
            page.text(middle - page.get_string_width(void) / 2, height, void)


def _write(page: "FPDF", text: str, *, size: float = 11, grey: bool = False) -> None:
    _set(page, size, grey)
    page.multi_cell(_WIDTH, _LINE * size / 11, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _pair(page: "FPDF", name: str, value: str) -> None:
    _set(page, 11, grey=True)
    page.cell(_AMOUNT, _LINE, name)
    _set(page, 11)
    page.multi_cell(_WIDTH - _AMOUNT, _LINE, value, align="L", new_x="LMARGIN", new_y="NEXT")


def _row(page: "FPDF", text: str, amount: str, *, grey: bool = False) -> None:
    _set(page, 11, grey)
    width = _WIDTH - _AMOUNT
    # A row whole on one page: the description may be longer than its line, the amount stands beside its first.
    parts = page.multi_cell(width, _LINE, text, align="L", dry_run=True, output="LINES")
    assert isinstance(parts, list)
    if page.will_page_break(_LINE * len(parts)):
        page.add_page()
    top = page.get_y()
    page.multi_cell(width, _LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")
    below = page.get_y()
    page.set_xy(_MARGIN + width, top)
    page.cell(_AMOUNT, _LINE, amount, align="R")
    page.set_xy(_MARGIN, below)


def _set(page: "FPDF", size: float, grey: bool = False) -> None:
    page.set_font("noto", size=size)
    page.set_text_color(*(_GREY if grey else (0, 0, 0)))


def _picture(logo: bytes) -> "Image | None":
    """The logo in the size that it is printed in; None for what is no picture, or too large a one."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(logo), formats=_LOGO_FORMATS) as found:
            # Known before a pixel is read: a small file can unfold to gigabytes.
            if max(found.size) > _LOGO_SIDE:
                return None
            picture = found.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    picture.thumbnail(_LOGO_PIXELS)
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture)
    return white
