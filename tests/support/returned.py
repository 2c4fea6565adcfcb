"""Delivery reports as mail servers write them, made by the standard library's mail package."""

from collections.abc import Mapping
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

#: What differs between servers: headers of the report, fields about the message, and fields about the recipient.
SHAPES: Mapping[str, tuple[dict[str, str], dict[str, str], dict[str, str]]] = {
    "postfix": (
        {"From": "MAILER-DAEMON@mx.example.org (Mail Delivery System)", "Auto-Submitted": "auto-replied"},
        {"Reporting-MTA": "dns; mx.example.org", "X-Postfix-Queue-ID": "4F2A81C0", "Arrival-Date": "Mon, 2 Mar 2026"},
        {"Original-Recipient": "rfc822;ada@clients.example", "Remote-MTA": "dns; mx.clients.example"},
    ),
    "exchange": (
        {"From": "MicrosoftExchange329e71ec@clients.example", "X-MS-Exchange-Message-Is-Ndr": ""},
        {"Reporting-MTA": "dns;AM0PR01MB1234.eurprd01.prod.exchangelabs.com", "Received-From-MTA": "dns;mx"},
        {"X-Display-Name": "ada@clients.example"},
    ),
    "gmail": (
        {
            "From": "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            "X-Failed-Recipients": "ada@clients.example",
        },
        {"Reporting-MTA": "dns; googlemail.com", "X-Original-Message-ID": "<1@example.org>"},
        {"Last-Attempt-Date": "Mon, 02 Mar 2026 04:00:00 -0800 (PST)"},
    ),
    "exim": (
        {"From": "Mail Delivery System <Mailer-Daemon@relay.example>", "X-Failed-Recipients": "ada@clients.example"},
        {"Reporting-MTA": "dns; relay.example"},
        {"Remote-MTA": "dns; mx.clients.example"},
    ),
    "sendmail": (
        {"From": "Mail Delivery Subsystem <MAILER-DAEMON@host.example>", "Subject": "Returned mail: see transcript"},
        {"Reporting-MTA": "dns; host.example", "Arrival-Date": "Mon, 2 Mar 2026 12:00:00 GMT"},
        {"DSN-Remote-MTA": "DNS; mx.clients.example"},
    ),
}


def report(
    to: str,
    shape: str = "postfix",
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <ada@clients.example>: Recipient address rejected",
    to_header: str = "To",
) -> bytes:
    """A report about one recipient, sent to ``to``, the envelope sender of the message that came back."""
    headers, of_message, of_recipient = SHAPES[shape]
    whole = MIMEMultipart("report", report_type="delivery-status")
    whole["Return-Path"] = "<>"
    for name, value in {"Subject": "Undelivered Mail Returned to Sender", **headers}.items():
        if name not in whole:
            whole[name] = value
    whole[to_header] = f"<{to}>"
    whole.attach(MIMEText("This is the mail system. I'm sorry to have to inform you that ...\n"))
    told = MIMEBase("message", "delivery-status")
    told.attach(fields(of_message))
    about = {"Final-Recipient": "rfc822; ada@clients.example", "Action": action, "Status": status, **of_recipient}
    told.attach(fields(about | ({"Diagnostic-Code": diagnostic} if diagnostic else {})))
    whole.attach(told)
    returned = MIMEText("Geachte heer, mevrouw ...")
    returned["Subject"] = "Uw account aanmaken"
    whole.attach(MIMEMessage(returned))
    return whole.as_bytes()


def fields(given: Mapping[str, str]) -> Message:
    group = Message()
    for name, value in given.items():
        group[name] = value
    return group


def automatic_reply(to: str) -> bytes:
    """An out-of-office message."""
    reply = MIMEText("I am away until Monday. Error 550 5.1.1 is not meant by this.")
    reply["To"], reply["From"], reply["Auto-Submitted"] = to, "ada@clients.example", "auto-replied"
    return reply.as_bytes()
