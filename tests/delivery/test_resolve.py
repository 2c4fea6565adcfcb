"""Who is mailed for a request, and what link that makes."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from delivery.texts import Letter
from models import Account, MailedLink, Practice
from models.db.database import transaction
from security.tokens import token_hash
from tests.delivery.post import NOON, RESOLVER, Post

pytestmark = pytest.mark.database


async def resolve(post: Post, template: str, **asked: str) -> Letter | None:
    async with transaction():
        return await RESOLVER.resolve(template, asked, post.practice, post.time())


@pytest.mark.parametrize("login", ["12345678", " 1234 5678 ", "1234-5678", "ADA@Example.org"])
async def test_a_reset_makes_one_link_bound_to_address_and_epoch(post: Post, login: str) -> None:
    account = await post.account("12345678", "Ada@example.org", email_key="ada@example.org", epoch=3)
    letter = await resolve(post, "reset_requested", login=login)
    assert letter is not None
    assert (letter.template, letter.to, letter.locale) == ("password_reset", "Ada@example.org", "en")
    link = await MailedLink.get(account_id=account.id)
    parts = urlsplit(letter.values["link"])
    assert (parts.netloc, parts.path) == ("portal.example.org", "/p/linden/reset")
    assert link.token_hash == token_hash(parts.fragment.removeprefix("token="))
    assert (link.email, link.epoch) == ("Ada@example.org", 3)
    assert link.expires_at == NOON + timedelta(minutes=30)
    assert letter.values["expires_at"] == link.expires_at.isoformat()
    assert (await Account.get(id=account.id)).reset_requested_at == NOON


async def test_a_newer_reset_kills_the_older(post: Post) -> None:
    account = await post.account("12345678", "ada@example.org")
    await resolve(post, "reset_requested", login="12345678")
    post.time.passes(seconds=5)
    await resolve(post, "reset_requested", login="12345678")
    older, newer = await MailedLink.filter(account_id=account.id).order_by("created_at")
    assert older.superseded_at == post.time()
    assert newer.superseded_at is None


async def test_the_links_of_a_practice_with_its_own_frontend(post: Post) -> None:
    post.practice.links = {
        "reset": "https://mijn.example.org/wachtwoord#t={token}",
    }
    await post.account("12345678", "ada@example.org")
    letter = await resolve(post, "reset_requested", login="12345678")
    assert letter is not None
    assert letter.values["link"].startswith("https://mijn.example.org/wachtwoord#t=")


@pytest.mark.parametrize("login", ["12345678", "87654321", "11112222", "eve@example.org", "", "'; --", "x" * 5000])
async def test_a_reset_for_nobody_changes_nothing(post: Post, login: str) -> None:
    await post.account("12345678", "ada@example.org", suspended_at=NOON)
    await post.account("87654321", None)
    assert await resolve(post, "reset_requested", login=login) is None
    assert await MailedLink.all().count() == 0
    assert await Account.filter(reset_requested_at__isnull=False).count() == 0


async def test_a_shared_address_that_signs_nobody_in_resets_nothing(post: Post) -> None:
    await post.account("12345678", "family@example.org")
    assert await resolve(post, "reset_requested", login="family@example.org") is None


async def test_a_family_gets_all_its_login_codes(post: Post) -> None:
    await post.account("12345678", "Family@example.org", email_key="family@example.org")
    post.time.passes(seconds=1)
    await post.account("87654321", "family@EXAMPLE.org")
    await post.account("11112222", "other@example.org")
    await post.account("33334444", "family@example.org", suspended_at=NOON)
    letter = await resolve(post, "login_code_requested", email="FAMILY@example.org")
    assert letter is not None
    assert letter.to == "Family@example.org"
    assert letter.accounts == [
        {"login_code": "12345678", "name": "Ada"},
        {"login_code": "87654321", "name": "Ada"},
    ]
    assert "name" not in letter.values, "who of them reads it is not known"


@pytest.mark.parametrize("email", ["eve@example.org", "12345678", "", "%@example.org"])
async def test_login_codes_for_nobody(post: Post, email: str) -> None:
    await post.account("12345678", "ada@example.org")
    assert await resolve(post, "login_code_requested", email=email) is None


async def test_other_practices_stay_out_of_it(post: Post) -> None:
    elsewhere = await Practice.create(slug="beuk", name="De Beuk", created_at=NOON)
    await post.account("12345678", "ada@example.org", email_key="ada@example.org", practice=elsewhere)
    assert await resolve(post, "reset_requested", login="12345678") is None
    assert await resolve(post, "reset_requested", login="ada@example.org") is None
    assert await resolve(post, "login_code_requested", email="ada@example.org") is None
