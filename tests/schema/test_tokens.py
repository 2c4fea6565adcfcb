"""Where tokens go: into cookies for a browser, into the answer for a native client, and nowhere else."""

from dataclasses import dataclass, field, replace
from typing import Any

import pyotp
import pytest
import strawberry

from flows.core.accounts import NewAccount, create_account
from flows.core.context import AppContext, ClientInfo
from models import Account, Audience, Practice
from plugins import build_registry
from schema.build import build_schema
from schema.http.callers import RequestCredentials, authenticate_request
from schema.kit.context import Context, CookieJar
from tests.support.clock import Clock
from tests.support.databases import Database

PASSWORD = "correct horse battery"
STEP = """__typename ... on EnrolmentRequired { token } ... on FactorRequired { token challenges { id } }
  ... on FallbackUnconfirmed { token } ... on SignedIn { sessionToken } ... on Refusal { code }"""
LOOK = f"query ($token: String!) {{ signInStep(token: $token) {{ {STEP} }} }}"
TAKE = """mutation ($token: String!) { issueFallback(input: {signIn: $token, factor: "recovery_codes"}) {
  ... on FallbackIssued { id token } } }"""
KEEP = f"""mutation ($token: String!, $issued: ID!) {{
  confirmFallback(input: {{signIn: $token, factor: "recovery_codes", issued: $issued}}) {{
  {STEP} }} }}"""
SIGN_IN = f"""mutation ($login: String!, $transport: Transport!) {{
  signIn(input: {{practice: "linde", login: $login, password: "{PASSWORD}", transport: $transport}}) {{ {STEP} }} }}"""
CONFIRM_PASSWORD = f"""mutation ($token: String!) {{
  confirmPassword(input: {{signIn: $token, password: "{PASSWORD}"}}) {{ {STEP} }} }}"""
BEGIN = """mutation ($token: String!) { beginEnrolment(input: {signIn: $token, factor: "totp"}) {
  ... on EnrolmentBegun { enrolment { id ... on TotpEnrolment { secret } } } } }"""
CONFIRM = f"""mutation ($token: String!, $start: ID!, $code: String!) {{
  confirmEnrolment(input: {{signIn: $token, enrolment: $start, proof: {{totp: {{code: $code}}}}}}) {{
    __typename ... on EnrolmentConfirmed {{ step {{ {STEP} }} }} ... on Refusal {{ code }} }} }}"""
STEP_UP = f"""mutation ($challenge: ID!, $code: String!) {{
  stepUp(input: {{password: "{PASSWORD}", challenge: $challenge, proof: {{totp: {{code: $code}}}}}}) {{
    __typename ... on SteppedUp {{ sessionToken }} ... on Refusal {{ code }} }} }}"""


@dataclass
class Client:
    """Asks the schema as a browser does (with the cookies of ``practice``) or as an app does, with ``token``."""

    schema: strawberry.Schema
    app: AppContext
    practice: str | None
    token: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, query: str, **variables: object) -> Any:
        jar = CookieJar(self.practice, False, dict(self.cookies))
        authorization = f"Bearer {self.token}" if self.token else None
        caller = (await authenticate_request(self.app, ClientInfo(), RequestCredentials(authorization), jar)).caller
        context = Context(self.app, ClientInfo(), caller, self.practice, jar)
        result = await self.schema.execute(query, variables, context)
        assert not result.errors, result.errors
        assert result.data
        self.cookies |= {change.name: change.value for change in jar.changes.values()}
        return next(iter(result.data.values()))


@pytest.fixture
async def ada(database: Database, app: AppContext) -> Account:
    practice = await Practice.create(slug="linde", name="De Linde", created_at=app.now)
    encoded = await app.passwords.hash(PASSWORD)
    new = NewAccount(practice.id, Audience.RESPONDENT, "Ada", "ada@example.org", "ada@example.org", "nl", encoded)
    return await create_account(app, new)


def client(app: AppContext, practice: str | None) -> Client:
    return Client(build_schema(app.factors), app, practice)


async def sign_in(asking: Client, account: Account, transport: str) -> tuple[Any, pyotp.TOTP]:
    """All the way in, setting up an authenticator app; answers the last step and the app."""
    step = await asking.ask(SIGN_IN, login=account.login_code, transport=transport)
    return await set_up(asking, step["token"])


async def set_up(asking: Client, token: str) -> tuple[Any, pyotp.TOTP]:
    """The password again, and an authenticator app; answers the step that follows, and the app."""
    await asking.ask(CONFIRM_PASSWORD, token=token)
    enrolment = (await asking.ask(BEGIN, token=token))["enrolment"]
    asgi = pyotp.TOTP(enrolment["secret"])
    code = asgi.at(asking.app.now)
    confirmed = await asking.ask(CONFIRM, token=token, start=enrolment["id"], code=code)
    return confirmed["step"], asgi


async def step_up(asking: Client, asgi: pyotp.TOTP) -> Any:
    begun = await asking.ask("mutation { beginStepUp { ... on StepUpBegun { challenges { id } } } }")
    return await asking.ask(STEP_UP, challenge=begun["challenges"][0]["id"], code=asgi.at(asking.app.now))


async def test_another_token_once_a_factor_is_proven_and_another_for_the_session(ada: Account, app: AppContext) -> None:
    factors = build_registry(["totp", "recovery_codes"], {})
    native = client(replace(app, factors=factors), None)
    before = (await native.ask(SIGN_IN, login=ada.login_code, transport="BEARER"))["token"]
    after = (await set_up(native, before))[0]["token"]
    assert (await native.ask(LOOK, token=before)).get("code") == "SIGN_IN_EXPIRED"
    assert (await native.ask(LOOK, token=after))["__typename"] == "FallbackUnconfirmed"
    taken = await native.ask(TAKE, token=after)
    last = taken["token"]
    native.token = (await native.ask(KEEP, token=last, issued=taken["id"]))["sessionToken"]
    assert await native.ask("{ viewer { name } }") == {"name": "Ada"}
    native.token = last
    assert await native.ask("{ viewer { name } }") is None


async def test_a_browser_gets_cookies_and_no_tokens(ada: Account, app: AppContext, clock: Clock) -> None:
    browser = client(app, "linde")
    done, asgi = await sign_in(browser, ada, "COOKIE")
    assert done == {"__typename": "SignedIn", "sessionToken": None}
    first = browser.cookies["sluis-linde"]
    clock.forward(minutes=1)
    assert await step_up(browser, asgi) == {"__typename": "SteppedUp", "sessionToken": None}
    assert browser.cookies["sluis-linde"] != first
    assert await browser.ask("{ viewer { name } }") == {"name": "Ada"}
    browser.cookies["sluis-linde"] = first
    assert await browser.ask("{ viewer { name } }") is None


async def test_an_app_gets_tokens_and_no_cookies(ada: Account, app: AppContext, clock: Clock) -> None:
    native = client(app, None)
    done, asgi = await sign_in(native, ada, "BEARER")
    native.token = first = done["sessionToken"]
    clock.forward(minutes=1)
    native.token = (await step_up(native, asgi))["sessionToken"]
    assert native.token not in (None, first)
    assert await native.ask("{ viewer { name } }") == {"name": "Ada"}
    assert native.cookies == {}


@pytest.mark.parametrize("practice", [None, "other"])
async def test_without_its_header_no_sign_in_by_cookie_begins(
    ada: Account, database: Database, app: AppContext, practice: str | None
) -> None:
    answer = await client(app, practice).ask(SIGN_IN, login=ada.login_code, transport="COOKIE")
    assert answer["code"] == "NOT_ALLOWED"
    assert await database.count("sign_in") == 0


async def test_without_its_header_no_step_is_taken_and_nothing_spent(
    ada: Account, database: Database, app: AppContext
) -> None:
    browser = client(app, "linde")
    step = await browser.ask(SIGN_IN, login=ada.login_code, transport="COOKIE")
    browser.practice = None
    assert (await browser.ask(CONFIRM_PASSWORD, token=step["token"]))["code"] == "NOT_ALLOWED"
    assert await database.count("sign_in", "password_again_at IS NOT NULL") == 0


async def test_a_browsers_session_is_never_renewed_into_an_answer(ada: Account, app: AppContext, clock: Clock) -> None:
    browser = client(app, "linde")
    _, asgi = await sign_in(browser, ada, "COOKIE")
    clock.forward(minutes=1)
    # As a script of the page would try, had it got hold of the cookie's value.
    script = Client(browser.schema, app, None, token=browser.cookies["sluis-linde"])
    assert await step_up(script, asgi) == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}
    assert await browser.ask("{ viewer { name } }") == {"name": "Ada"}


async def test_signing_out_takes_the_cookie_away_also_without_a_session(ada: Account, app: AppContext) -> None:
    browser = client(app, "linde")
    await sign_in(browser, ada, "COOKIE")
    for _ in range(2):
        assert (await browser.ask("mutation { signOut { __typename } }")) == {"__typename": "SignedOut"}
        assert browser.cookies == {"sluis-linde": ""}
    assert await browser.ask("{ viewer { name } }") is None
