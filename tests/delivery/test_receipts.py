"""A receipt on paper: what it says in both languages, and that neither names, amounts nor pictures break it."""

import asyncio
import io
import sys
from datetime import UTC, datetime
from unittest.mock import Mock
from uuid import UUID

import pytest
from PIL import Image
from pypdf import PdfReader

from delivery.receipts import ReceiptPrinter
from models import Receipt
from security.worker_pool import WorkerPool
from tests.support.command import ROOT

#: Half past midnight of the third, and of the new day, in Amsterdam.
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def receipt(**more: object) -> Receipt:
    fields: dict[str, object] = {
        "id": UUID(int=7),
        "year": 2026,
        "sequence": 7,
        "locale": "nl",
        "time_zone": "Europe/Amsterdam",
        "practice_name": "Praktijk De Linde",
        "practice_address": "Dam 1\n1012 JS Amsterdam",
        "payer": "Żaneta Ełk",
        "client": "Bram Jansen",
        "held_at": NIGHT,
        "currency": "EUR",
        "lines": [{"description": "Consult", "minor": 123450}, {"description": "Verslag", "minor": 5}],
        "total_minor": 123455,
        "note": "Vrijgesteld van btw\nArtikel 11",
        "issued_at": NIGHT,
    }
    return Receipt(**(fields | more))


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB" if kind == "JPEG" else "RGBA", (width, height), "teal").save(made, kind)
    return made.getvalue()


async def pages(of: Receipt, logo: bytes | None = None) -> PdfReader:
    return PdfReader(io.BytesIO(await ReceiptPrinter(WorkerPool()).print(of, logo)))


async def text(of: Receipt, logo: bytes | None = None) -> str:
    return "\n".join(page.extract_text() for page in (await pages(of, logo)).pages)


async def test_it_says_what_was_paid_by_whom_and_for_what() -> None:
    assert (await text(receipt())).splitlines() == [
        "Praktijk De Linde",
        "Dam 1",
        "1012 JS Amsterdam",
        "Kwitantie 2026-0007",
        "Datum 3 maart 2026",
        "Betaald door Żaneta Ełk",
        "Cliënt Bram Jansen",
        "Afspraak dinsdag 3 maart 2026 om 00:30 uur (tijd in Amsterdam, UTC+1)",
        "Omschrijving Bedrag (EUR)",
        "Consult 1.234,50",
        "Verslag 0,05",
        "Totaal EUR 1.234,55",
        "Vrijgesteld van btw",
        "Artikel 11",
    ]


async def test_in_english_and_void() -> None:
    said = await text(receipt(locale="en", voided_at=NIGHT, payer="Bram Jansen"))
    assert "Receipt 2026-0007\nThis receipt is void since 3 March 2026.\nDate 3 March 2026\n" in said
    assert "Total EUR 1,234.55" in said
    assert "Client" not in said, "who paid is the client"
    assert said.endswith("\nVOID")


async def test_what_says_what_it_is_for_programs_too() -> None:
    read = await pages(receipt())
    assert read.metadata is not None
    assert (read.metadata.title, read.metadata.creation_date) == ("Kwitantie 2026-0007", NIGHT)
    assert str(read.root_object["/Lang"]) == "nl"


async def test_each_time_the_same_bytes() -> None:
    printer = ReceiptPrinter(WorkerPool())
    assert await printer.print(receipt(), picture(90, 30)) == await printer.print(receipt(), picture(90, 30))


@pytest.mark.parametrize(
    ("currency", "minor", "written"),
    [("JPY", 123456, "123.456"), ("TND", 1500, "1,500"), ("EUR", 10**11, "1.000.000.000,00")],
)
async def test_an_amount_has_the_decimals_of_its_currency(currency: str, minor: int, written: str) -> None:
    lines = [{"description": "Consult", "minor": minor}]
    assert f"Totaal {currency} {written}\n" in await text(receipt(currency=currency, lines=lines, total_minor=minor))


async def test_a_long_one_takes_pages_and_each_is_marked_void() -> None:
    lines = [{"description": f"{number} " + "heel lang " * 12, "minor": 100} for number in range(20)]
    note = "\n".join(["voetnoot " * 20] * 5)
    read = await pages(receipt(lines=lines, total_minor=2000, note=note, voided_at=NIGHT))
    assert len(read.pages) > 1
    assert all("VERVALLEN" in page.extract_text() for page in read.pages)


async def test_names_that_no_font_can_write_break_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert "Ada van\n" in await text(receipt(payer="😀 漢字 \x07Ada\nvan"))
    assert not caplog.records, "what is missing is a part of somebody's name"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_the_practices_picture(kind: str) -> None:
    read = await pages(receipt(), picture(3000, 1000, kind))
    (image,) = read.pages[0].images
    assert image.image is not None
    assert image.image.size == (710, 237)


@pytest.mark.security
@pytest.mark.parametrize(
    "logo", [b"", b"GIF89a", picture(10, 10)[:40], picture(4001, 1), picture(10, 10, "GIF")], ids=len
)
async def test_what_is_no_picture_is_left_out(logo: bytes) -> None:
    assert not (await pages(receipt(), logo)).pages[0].images


async def test_preload_loads_the_library() -> None:
    """In a process of its own, where nothing was printed before."""
    program = (
        "import asyncio, sys\n"
        "from delivery.receipts import ReceiptPrinter\n"
        "from security.worker_pool import WorkerPool\n"
        "assert 'fpdf' not in sys.modules\n"
        "asyncio.run(ReceiptPrinter(WorkerPool()).preload())\n"
        "assert 'fpdf' in sys.modules\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT)
    assert await process.wait() == 0


async def test_a_process_reads_the_font_for_its_first_receipt_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second server in the same process, as tests start, does not read it again."""
    await ReceiptPrinter(WorkerPool()).preload()
    read = Mock(side_effect=AssertionError("the font is read again"))
    monkeypatch.setattr("fpdf.FPDF.add_font", read)
    await ReceiptPrinter(WorkerPool()).preload()
    read.assert_not_called()
