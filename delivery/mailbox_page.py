"""The mailbox for people (``/dev/mailbox``) and for programs (``/dev/mailbox.json``)."""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from html import escape

from delivery.mailbox import Received

_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #222; }
article { border: 1px solid #999; border-radius: 4px; padding: 0 1em; margin: 1em 0; }
h2 { font-size: 1.1em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
a { overflow-wrap: anywhere; }
.about { color: #555; }
"""

#: The page's Content-Security-Policy: its own style and nothing else.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'"
)


def mailbox_json(messages: Sequence[Received]) -> str:
    """The messages as a JSON array, oldest first."""
    return json.dumps(list(messages), ensure_ascii=False)


def mailbox_page(messages: Sequence[Received]) -> str:
    """The messages as an HTML page, newest first, their plain text with its links below."""
    shown = "\n".join(_article(message) for message in reversed(messages))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>Mailbox ({len(messages)})</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Mailbox</h1>
<p>All mail of this demo, newest first. Reload the page to see more.</p>
{shown or "<p>No mail yet.</p>"}
</body>
</html>
"""


def _article(message: Received) -> str:
    about = f"To {message['to']}, from {message['from']}, {message['received_at']}"
    return f"""<article>
<h2>{escape(message["subject"])}</h2>
<p class="about">{escape(about)}</p>
<pre>{escape(message["text"])}</pre>
{_links(message["links"])}
</article>"""


def _links(links: Iterable[str]) -> str:
    # Only what is a web address: the sink takes mail from anybody on this machine.
    web = [escape(link) for link in links if link.startswith(("http://", "https://"))]
    return "\n".join(f'<p><a href="{link}" rel="noreferrer">{link}</a></p>' for link in web)
