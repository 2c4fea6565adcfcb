"""Sites as browsers tell them apart."""

import pytest

from security.sites import is_ip, same_site

SAME = [
    ("https://portal.praktijk.nl", "https://sluis.praktijk.nl"),
    ("https://praktijk.nl", "https://a.b.praktijk.nl:8443"),
    ("https://a.praktijk.co.uk", "https://b.praktijk.co.uk"),
    ("http://localhost:8000", "http://localhost:3000"),
    ("http://127.0.0.1:8000", "http://127.0.0.1:3000"),
    ("https://[::1]", "https://[::1]:3000"),
]
OTHER = [
    ("https://praktijk.nl", "https://andere.nl"),
    ("https://praktijk.co.uk", "https://andere.co.uk"),
    ("https://praktijk.github.io", "https://andere.github.io"),
    ("https://praktijk.nl", "http://praktijk.nl"),
    ("http://localhost:8000", "http://127.0.0.1:8000"),
    ("https://192.0.2.1", "https://192.0.2.2"),
    ("https://praktijk.nl", "https://xpraktijk.nl"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_site(one: str, other: str) -> None:
    assert same_site(one, other)
    assert same_site(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_site(one: str, other: str) -> None:
    assert not same_site(one, other)
    assert not same_site(other, one)


@pytest.mark.parametrize(
    ("host", "expected"), [("192.0.2.1", True), ("::1", True), ("localhost", False), (None, False)]
)
def test_addresses(host: str | None, expected: bool) -> None:
    assert is_ip(host) is expected
