"""Somebody with a device and a mailbox: reads mail, and follows the links in it."""

import re
from contextlib import AbstractAsyncContextManager
from copy import copy
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qs, urlsplit

from delivery.mailbox import Received
from tests.people.authenticator import Authenticator
from tests.people.device import Answer, Device, Subscription, Transport
from tests.support.sluis import Sluis


def token_of(link: str) -> str:
    """The token in a mailed link's fragment, where no server sees it."""
    return parse_qs(urlsplit(link).fragment, keep_blank_values=True)["token"][0]


#: A login code, as people read it.
_CODE = re.compile(r"\b\d{4} \d{4}\b")


@dataclass
class Belongings:
    """What somebody has, whichever device they sit at."""

    name: str
    email: str
    login: str = ""
    password: str = ""
    app: Authenticator | None = None
    codes: list[str] = field(default_factory=list)
    #: Names the codes.
    issued: str = ""
    read: int = 0


class Guest:
    """Somebody at a device; not signed in to anything yet."""

    def __init__(
        self, sluis: Sluis, own: Belongings, transport: Transport = "COOKIE", practice: str | None = None
    ) -> None:
        self.sluis, self.own, self.practice = sluis, own, practice or sluis.practice
        self.device = self._new_device(transport)

    def _new_device(self, transport: Transport) -> Device:
        device = Device(self.sluis.url, self.practice, transport)
        self.sluis.clients.append(device.http)
        return device

    @property
    def app(self) -> Authenticator:
        assert self.own.app is not None, f"{self.own.name} has no authenticator app"
        return self.own.app

    def elsewhere(self, transport: Transport = "COOKIE", sluis: Sluis | None = None) -> Self:
        """The same person at a device that knows nothing yet."""
        other = copy(self)
        other.sluis = sluis or self.sluis
        other.device = other._new_device(transport)
        return other

    async def looks_at_own_account(self) -> Answer | None:
        """The account page; None where nobody is signed in."""
        viewer: Answer | None = await self.device.ask(
            """{ viewer { name access loginCode accessBlockers { code party mutation }
                 factors { factor label } fallbacks { confirmed codesLeft } rememberedDevices { id expiresAt }
                 loginSessions { current } } }"""
        )
        return viewer

    def watches_access(self) -> AbstractAsyncContextManager[Subscription]:
        """Have the waiting page told how far one may go, now and whenever it changes."""
        return self.device.subscribe("subscription { accessChanged { access accessBlockers { code } } }")

    async def reads_mail(self) -> Received:
        """The next mail that was not read yet, once it is there."""
        mail = await self.sluis.mailbox.wait_for(self.own.email, beyond=self.own.read)
        self.own.read += 1
        return mail

    async def is_told(self, words: str) -> Received:
        """The next mail that says so; other mail is read and put aside."""
        while words not in " ".join((mail := await self.reads_mail())["text"].split()):
            pass
        return mail

    async def gets_link(self, page: str) -> str:
        """The next mailed link to a page; other mail is read and put aside."""
        while True:
            for link in (await self.reads_mail())["links"]:
                if urlsplit(link).path.endswith(f"/{page}"):
                    return link

    async def opens(self, link: str) -> Answer:
        """What the page behind an invitation asks the server when it is opened."""
        answer: Answer = await self.device.ask(
            """mutation($token: String!) { openInvitation(token: $token) { __typename
                 ... on InvitationOpened { personName expiresAt practice { slug name helpdeskEmail helpdeskPhone } }
                 ... on Refusal { code message } } }""",
            token=token_of(link),
        )
        return answer

    async def accepts(self, link: str, password: str, *, another_person: bool = False) -> Answer:
        """Make an account by choosing a password."""
        answer: Answer = await self.device.ask(
            """mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { __typename
                 ... on AccountMade { loginCode signsInByEmail portalUrl }
                 ... on Refusal { code message } } }""",
            input={"token": token_of(link), "password": password, "anotherPerson": another_person},
        )
        if answer["__typename"] == "AccountMade":
            self.own.login, self.own.password = answer["loginCode"], password
        return answer

    async def links(self, link: str) -> Answer:
        """Accept an invitation with the account one is signed in to."""
        answer: Answer = await self.device.ask(
            """mutation($token: String!) { linkInvitation(token: $token) { __typename
                 ... on Refusal { code message } } }""",
            token=token_of(link),
        )
        return answer

    async def asks_new_invitation(self, link: str) -> Answer:
        """Have a new link mailed in place of an expired one."""
        answer: Answer = await self.device.ask(
            """mutation($token: String!) { askNewInvitation(token: $token) { __typename
                 ... on InvitationRenewalAsked { message } ... on Refusal { code message } } }""",
            token=token_of(link),
        )
        return answer

    async def signs_up(self, password: str, **entered: object) -> Answer:
        """Make an account without an invitation; what is ``entered`` takes the place of what is true."""
        truth = {
            "practice": self.practice,
            "email": self.own.email,
            "name": self.own.name,
            "phone": "+31 6 12345678",
            "birthDate": "1984-02-29",
            "password": password,
        }
        answer: Answer = await self.device.ask(
            """mutation($input: SignUpInput!) { signUp(input: $input) { __typename
                 ... on SignUpRequested { message } ... on Refusal { code message } } }""",
            input=truth | entered,
        )
        if answer["__typename"] == "SignUpRequested":
            self.own.login, self.own.password = self.own.email, password
        return answer

    async def gets_verification(self) -> str:
        """The link in the mail that follows a sign-up; until it is used, the login code beside it is what signs in."""
        while not (found := _CODE.search((mail := await self.reads_mail())["text"])):
            pass
        self.own.login = found[0]
        return next(link for link in mail["links"] if urlsplit(link).path.endswith("/verify"))

    async def verifies(self, link: str) -> Answer:
        """Press the button on the page behind a link that verifies the address."""
        answer: Answer = await self.device.ask(
            """mutation($token: String!, $password: String) {
                 verifyEmail(token: $token, password: $password) { __typename ... on Refusal { code message } } }""",
            token=token_of(link),
            password=self.own.password or None,
        )
        return answer

    async def forgets_login_code(self, email: str | None = None) -> Answer:
        """Have the login codes of an address mailed to it."""
        answer: Answer = await self.device.ask(
            """mutation($input: ForgotLoginCodeInput!) { forgotLoginCode(input: $input) { __typename
                 ... on LoginCodeRequested { message } ... on Refusal { code message } } }""",
            input={"practice": self.practice, "email": email or self.own.email},
        )
        return answer

    async def forgets_password(self, login: str | None = None) -> Answer:
        """Have a link mailed by which a new password can be set."""
        answer: Answer = await self.device.ask(
            """mutation($input: ForgotPasswordInput!) { forgotPassword(input: $input) { __typename
                 ... on ResetRequested { message } ... on Refusal { code message } } }""",
            input={"practice": self.practice, "login": login or self.own.login},
        )
        return answer

    async def resets(self, link: str, password: str) -> Answer:
        """Set a new password by a mailed link."""
        answer: Answer = await self.device.ask(
            """mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename
                 ... on Refusal { code message } } }""",
            input={"token": token_of(link), "password": password},
        )
        return answer
