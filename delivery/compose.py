"""A letter as an Internet message (RFC 5322): the same words as plain text and as HTML, and nothing to track."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from delivery.texts import Filled, Letter, fill, one_line
from models import Practice
from normalise.addresses import parse_email

_HERE = Path(__file__).parent
_PAGE = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).get_template("mail.html")


class Sender:
    """Who mail comes from, out of ``address`` or ``Name <address>``, and where its portals are."""

    def __init__(self, mail_from: str, public_url: str) -> None:
        """``public_url`` has no slash at its end. Raises ValueError with one line that names the accepted forms."""
        self.public_url = public_url
        name, bare = parseaddr(mail_from)
        local, _, domain = bare.rpartition("@")
        try:
            if not local or not domain or not mail_from.isprintable():
                raise ValueError
            self.domain = domain.encode("idna").decode("ascii")
            self.address = Address(name, local, self.domain)
        except (ValueError, MessageError):
            raise ValueError("mail_from: use an e-mail address, alone or as Name <address>") from None


def compose(letter: Letter, practice: Practice, message_id: UUID, sender: Sender, now: datetime) -> EmailMessage:
    """The message to hand to a relay; raises CannotFill, or BadAddress for an address we don't mail to.

    Its Message-ID follows from the outbox row, so that a message sent twice is known as the same one.
    """
    filled = fill(letter, practice, sender.public_url)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender.address
    message["To"] = _recipient(letter.to)
    message["Subject"] = one_line(filled.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    # RFC 3834, 5: out-of-office replies stay out. Exchange listens to the other one (MS-OXCMAIL 2.1.3.2.20), where
    # "All" would suppress non-delivery reports (NDR) as well, and those we read.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
    message.set_content(as_text(filled), cte="quoted-printable")
    message.add_alternative(as_html(filled), subtype="html", cte="quoted-printable")
    # Last, or it would have moved into the first part with the other Content headers.
    message["Content-Language"] = filled.language
    return message


def as_text(filled: Filled) -> str:
    """The plain text, a link on a line of its own below its label."""
    parts = [f"{part.text}:\n{part.link}" if part.link else part.text for part in (*filled.parts, filled.portal)]
    return "\n\n".join([*parts, "-- \n" + "\n".join(filled.footer)]) + "\n"


def as_html(filled: Filled) -> str:
    """One page without images, scripts and anything else that would be fetched."""
    return _PAGE.render(filled=filled) + "\n"


def _recipient(stored: str) -> Address:
    """The stored address with its domain in ASCII, which every relay takes."""
    address = parse_email(stored)
    local, domain = address.shown.rpartition("@")[0], address.key.rpartition("@")[2]
    return Address("", local, domain)
