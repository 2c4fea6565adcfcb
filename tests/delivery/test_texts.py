"""Every mail says what it should in both languages, and neither reveals nor smuggles anything."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from uuid import UUID

import pytest

from delivery.compose import Sender, compose
from delivery.sms_texts import NEWS, PLAIN
from delivery.templates import TEMPLATES
from delivery.texts import CannotFill, Letter, fill
from locales import LANGUAGES, shown_moment
from locales import text as said
from models import Practice
from normalise.addresses import BadAddress
from tests.delivery.templates import mailed, told

NOW = datetime(2026, 7, 4, 22, 30, tzinfo=UTC)
ID = UUID("6b1c2f5e-0000-4000-8000-000000000001")
PUBLIC = "https://portal.example.org"
PORTAL = f"{PUBLIC}/p/linden"
VALUES = {
    "name": "Ada",
    "link": "https://portal.example.org/p/linden/accept#token=abc",
    "expires_at": "2026-07-11T22:30:00+00:00",
    "at": "2026-07-04T22:30:00+00:00",
    "login_code": "12345678",
    "factor": "Authenticator app",
    "by": "Olga Bakker",
    "device": "Firefox",
    "left": "3",
    "few": "2",
    "starts_at": "2026-07-11T12:30:00+00:00",
    "was_at": "2026-07-10T12:30:00+00:00",
    "minutes": "50",
    "opens": "15",
    "reason": "It is as in your passport.",
}
EVERY = [(language, template) for language in LANGUAGES for template in sorted(TEMPLATES)]


def practice(**more: object) -> Practice:
    fields: dict[str, object] = {
        "slug": "linden",
        "name": "Praktijk De Linde",
        "helpdesk_email": "help@example.org",
        "helpdesk_phone": "020 123 4567",
        "created_at": NOW,
    }
    return Practice(**(fields | more))


def mail(template: str = "invitation", locale: str = "en", **values: str) -> EmailMessage:
    letter = Letter(template, "ada@example.org", locale, VALUES | values)
    return compose(letter, practice(), ID, Sender("Portal <no-reply@example.org>", PUBLIC), NOW)


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Seen(HTMLParser):
    """The text, the tags and the attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags, self.links = "", set[str](), list[str | None]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_there_is_every_mail_that_is_sent_and_no_more() -> None:
    assert TEMPLATES.keys() == mailed()


def test_there_is_a_text_message_for_all_that_is_told() -> None:
    assert {"notice_password_changed", "document_ready", "change_accepted"} <= told()
    assert told() <= PLAIN | NEWS


@pytest.mark.parametrize(
    ("locale", "new", "changed"),
    [("en", "For your calendar", "A change in your agenda"), ("nl", "Voor uw agenda", "Wijziging in uw agenda")],
)
def test_the_subject_tells_a_change_from_a_new_appointment(locale: str, new: str, changed: str) -> None:
    kinds = ("appointment_booked", "appointment_moved", "appointment_cancelled")
    assert [mail(kind, locale)["Subject"] for kind in kinds] == [new, changed, changed]


@pytest.mark.parametrize(("locale", "template"), EVERY)
def test_every_text_is_whole(locale: str, template: str) -> None:
    message = mail(template, locale)
    text, page = body(message), Seen(body(message, "html"))
    assert message["Content-Language"] == locale
    assert "{" not in text
    assert "Praktijk De Linde" in text
    assert "Ada" in text
    assert "help@example.org, 020 123 4567" in text
    assert f":\n{PORTAL}\n" in text
    for line in filter(None, text.splitlines()):
        assert line.removesuffix(":").removeprefix("-- ") in page.text
    assert page.tags <= {"html", "head", "meta", "title", "body", "p", "a", "hr", "br"}
    assert PORTAL in page.links
    assert set(page.links) <= {VALUES["link"], PORTAL}


@pytest.mark.parametrize(("locale", "template"), EVERY)
def test_what_shows_on_a_locked_screen_reveals_nothing(locale: str, template: str) -> None:
    message = mail(template, locale)
    outside = f"{message['Subject']} {message['From']}"
    assert not re.search(r"psych|therap|zorg|care|ggz|linde|praktijk|practice|client|cli.nt", outside, re.IGNORECASE)
    assert message["Subject"]


@pytest.mark.parametrize(("locale", "template"), EVERY)
def test_what_only_may_be_given_may_be_left_out(locale: str, template: str) -> None:
    needed = {"link", "expires_at", "login_code", "starts_at", "was_at", "minutes"}
    values = {name: value for name, value in VALUES.items() if name in needed}
    filled = fill(Letter(template, "ada@example.org", locale, values), practice(), PUBLIC)
    assert filled.parts[0].text == said("mail.greeting_nameless", locale)
    assert "{" not in "".join(part.text for part in filled.parts)


def test_an_invitation_in_english() -> None:
    assert body(mail()) == (
        "Dear Ada,\n\n"
        "Praktijk De Linde invites you to create an account for its portal.\n\n"
        "You choose a password and receive a login code. The link works once, until "
        "Sunday, 12 July 2026 at 00:30 (Amsterdam time, UTC+2).\n\n"
        "Create your account:\nhttps://portal.example.org/p/linden/accept#token=abc\n\n"
        "Does the page ask for a code? Then copy this one: abc\n\n"
        "If you did not expect this message, you need not do anything.\n\n"
        "To your portal:\nhttps://portal.example.org/p/linden\n\n"
        "-- \nPraktijk De Linde\n"
        "Questions? You can reach Praktijk De Linde here: help@example.org, 020 123 4567\n"
        "This message was sent automatically; replies to it are not read.\n"
    )


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_portal_is_the_practices_own_where_it_has_one(locale: str) -> None:
    letter, sender = Letter("account_exists", "ada@example.org", locale, {}), Sender("no-reply@example.org", PUBLIC)
    message = compose(letter, practice(links={"portal": "https://mijn.example.org/"}), ID, sender, NOW)
    assert ":\nhttps://mijn.example.org/\n" in body(message)
    assert Seen(body(message, "html")).links == ["https://mijn.example.org/"]
    with pytest.raises(CannotFill, match="portal is no link"):
        compose(letter, practice(links={"portal": "mijn.example.org"}), ID, sender, NOW)


def test_a_new_account_in_dutch() -> None:
    text = body(mail("account_made", "nl"))
    assert text.startswith("Beste Ada,\n\nUw account voor het portaal van Praktijk De Linde is aangemaakt.")
    assert "Uw inlogcode is 1234 5678." in text


def test_headers() -> None:
    message = mail()
    assert message["Message-ID"] == f"<{ID}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply", "not NDR: those we read"
    assert message["From"] == "Portal <no-reply@example.org>"
    assert message["To"] == "ada@example.org"
    assert message["Date"] == "Sat, 04 Jul 2026 22:30:00 +0000"
    assert message.get_content_type() == "multipart/alternative"


def test_an_international_domain_goes_out_in_ascii() -> None:
    letter = Letter("account_exists", "Ada@müller.de", "en", {})
    message = compose(letter, practice(), ID, Sender("no-reply@example.org", PUBLIC), NOW)
    assert message["To"] == "Ada@xn--mller-kva.de"


def test_dates_are_in_the_zone_of_the_practice() -> None:
    assert shown_moment(NOW, "Europe/Amsterdam", "nl") == "zondag 5 juli 2026 om 00:30 uur (tijd in Amsterdam, UTC+2)"
    assert shown_moment(NOW, "America/New_York", "en") == "Saturday, 4 July 2026 at 18:30 (New York time, UTC-4)"
    assert shown_moment(NOW, "Asia/Kolkata", "en") == "Sunday, 5 July 2026 at 04:00 (Kolkata time, UTC+5:30)"
    assert shown_moment(NOW, "Nowhere/Land", "en") == "Saturday, 4 July 2026 at 22:30 (UTC)"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, again = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert shown_moment(first, "Europe/Amsterdam", "en").endswith("at 02:30 (Amsterdam time, UTC+2)")
    assert shown_moment(again, "Europe/Amsterdam", "en").endswith("at 02:30 (Amsterdam time, UTC+1)")


@pytest.mark.parametrize(("locale", "expected"), [("nl-BE", "nl"), ("en", "en"), ("fr", "nl")])
def test_the_language_is_the_persons_or_else_the_practices(locale: str, expected: str) -> None:
    assert fill(Letter("account_exists", "", locale, {}), practice(locale="nl"), PUBLIC).language == expected


@pytest.mark.parametrize("name", ["Ada\r\nBcc: mallory@example.org", "Ada\r\n\r\nWe moved", "Ada\u2028Bcc\u202e"])
def test_line_breaks_in_a_value_stay_in_its_line(name: str) -> None:
    message = mail(name=name)
    assert message["Bcc"] is None
    assert message.as_bytes().count(b"\nBcc") == 0
    assert body(message).splitlines()[0] in {"Hello,", "Dear Ada We moved,", "Dear Ada Bcc,"}


def test_markup_in_a_value_is_text() -> None:
    hostile = "<img src=x onerror=alert(1)>&amp;\"'"
    letter = Letter("notice_new_device", "ada@example.org", "en", VALUES | {"device": hostile, "name": hostile})
    message = compose(letter, practice(name=hostile), ID, Sender("no-reply@example.org", PUBLIC), NOW)
    page = Seen(body(message, "html"))
    assert "img" not in page.tags
    assert hostile in page.text


@pytest.mark.parametrize("name", ["win.example.org/x", "https://evil.example", "a@b", "Call evil.com"])
def test_a_name_that_a_mail_program_would_make_a_link_is_not_used(name: str) -> None:
    assert body(mail(name=name)).startswith("Hello,\n")


@pytest.mark.parametrize(
    ("name", "greeted"),
    [("J.de Vries", "J. de Vries"), ("J.P.de Vries", "J.P. de Vries"), ("Th.van Dam", "Th. van Dam")],
)
def test_initials_without_a_space_are_no_address(name: str, greeted: str) -> None:
    assert body(mail(name=name)).startswith(f"Dear {greeted},\n")


def test_each_account_of_an_address_is_told_with_whose_it_is() -> None:
    accounts = [{"name": "J.de Vries", "login_code": "12345678"}, {"login_code": "87654321"}]
    letter = Letter("login_codes", "family@example.org", "nl", {}, accounts=accounts)
    text = body(compose(letter, practice(), ID, Sender("no-reply@example.org", PUBLIC), NOW))
    assert text.startswith("Hallo,\n")
    assert "J. de Vries: 1234 5678\n\nEen account: 8765 4321\n" in text


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_reset_of_factors_says_who_did_it_and_to_staff_nothing_about_approval(locale: str) -> None:
    person, colleague = (body(mail(name, locale)) for name in ("notice_factors_reset", "notice_staff_factors_reset"))
    for text in (person, colleague):
        assert "was not you" not in text
        assert "Was u dit niet" not in text
        assert {"en": "has removed", "nl": "verwijderd", "de": "entfernt"}[locale] in text
    approval = {
        "en": "opens the portal for you again",
        "nl": "het portaal weer voor u",
        "de": "das Portal wieder für Sie",
    }[locale]
    assert (approval in person, approval in colleague) == (True, False)


@pytest.mark.parametrize("name", ["J.A. de Vries", "Łukasz Ó Briain-Żak", "李小龙"])
def test_other_names_are(name: str) -> None:
    assert body(mail(name=name)).startswith(f"Dear {name},\n")


@pytest.mark.parametrize(
    "values",
    [
        {"link": "javascript:alert(1)"},
        {"link": "https://portal.example.org/ x"},
        {"link": 'https://portal.example.org/"onclick="x'},
        {"expires_at": "tomorrow"},
        {"expires_at": "2026-07-11T22:30:00"},
    ],
)
def test_what_is_no_link_or_time_is_not_mailed(values: dict[str, str]) -> None:
    with pytest.raises(CannotFill):
        mail(**values)


def test_a_missing_value_or_template_is_named() -> None:
    with pytest.raises(CannotFill, match="invitation lacks 'expires_at'"):
        fill(Letter("invitation", "", "en", {"link": VALUES["link"]}), practice(), PUBLIC)
    with pytest.raises(CannotFill, match="no template 'poem'"):
        fill(Letter("poem", "", "en", {}), practice(), PUBLIC)


@pytest.mark.parametrize("to", ["ada", "ada@example.org\r\nBcc: m@example.org", "Ada <ada@example.org>", ""])
def test_what_is_no_address_is_not_mailed(to: str) -> None:
    with pytest.raises(BadAddress):
        compose(Letter("account_exists", to, "en", {}), practice(), ID, Sender("no-reply@example.org", PUBLIC), NOW)


@pytest.mark.parametrize("mail_from", ["", "nobody", "a@b..c", "a@b\r\nBcc: c@d"])
def test_a_sender_without_address_is_refused_at_the_start(mail_from: str) -> None:
    with pytest.raises(ValueError, match="mail_from: use"):
        Sender(mail_from, PUBLIC)
