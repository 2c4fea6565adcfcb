"""What clients do under *My Account* besides their settings."""

from tests.people.account_page import AccountPage
from tests.people.device import Answer
from tests.people.guest import token_of

LOG = """query($first: Int! = 25, $after: String) { whoLookedAtMyDossier(first: $first, after: $after) {
  edges { cursor node { at actor name role event what refused } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""

REPORTS = """query($first: Int! = 25, $after: String) { myReports(first: $first, after: $after) {
  edges { cursor node { id title about mediaType size text releasedAt downloadUrl } } pageInfo { hasNextPage } } }"""
ANSWERS = """query($first: Int! = 25, $after: String) { myAnswers(first: $first, after: $after) {
  edges { cursor node { id title about completedAt groups { title questions { question answers } } } }
  pageInfo { hasNextPage } } }"""


class MyAccount(AccountPage):
    """Somebody at the page *My Account*."""

    async def sees_who_looked(self, first: int = 25, after: str | None = None) -> Answer:
        """One page of the log of one's own dossier."""
        page: Answer = await self.device.ask(LOG, first=first, after=after)
        return page

    async def reads_log(self) -> list[Answer]:
        """The newest entries of the log of one's own dossier."""
        return [edge["node"] for edge in (await self.sees_who_looked(100))["edges"]]

    async def sees_biography(self) -> Answer:
        """What the practice knows of one, and what was asked to be changed."""
        viewer: Answer = await self.device.ask(
            """{ viewer { email signsInByEmail pendingEmail
                 biography { name birthDate email phone phoneProven language }
                 changeRequests { id field wanted state reason decidedAt } } }"""
        )
        return viewer

    async def asks_for_email(self, email: str) -> Answer:
        """Have a link mailed to a new address."""
        return await self._runs("changeEmail(input: $input)", "($input: ChangeEmailInput!)", input={"email": email})

    async def confirms_email(self, link: str) -> Answer:
        """Press the button on the page behind a mailed link."""
        given = {"token": token_of(link), "password": self.own.password or None}
        return await self._runs(
            "verifyEmail(token: $token, password: $password)", "($token: String!, $password: String)", **given
        )

    async def gives_contact_number(self, phone: str) -> Answer:
        """Have a code texted to a new number."""
        return await self._runs("changePhone(input: $input)", "($input: ChangePhoneInput!)", input={"phone": phone})

    async def confirms_contact_number(self, code: str) -> Answer:
        return await self._runs("confirmPhone(input: $input)", "($input: ConfirmPhoneInput!)", input={"code": code})

    async def wants(self, **change: str) -> Answer:
        """Ask staff for another ``name`` or ``birthDate``."""
        return await self._runs("requestChange(input: $input)", "($input: RequestChangeInput!)", input=change)

    async def takes_back(self, request: str) -> Answer:
        return await self._runs("withdrawChange(request: $id)", "($id: ID!)", id=request)

    async def closes_account(self, password: str | None = None) -> Answer:
        given = {"password": password or self.own.password}
        return await self._runs("closeAccount(input: $input)", "($input: CloseAccountInput!)", input=given)

    async def sees_own_reports(self, first: int = 25, after: str | None = None) -> list[Answer]:
        """What the practice released to one."""
        page: Answer = await self.device.ask(REPORTS, first=first, after=after)
        return [edge["node"] | {"cursor": edge["cursor"]} for edge in page["edges"]]

    async def sees_own_answers(self, first: int = 25, after: str | None = None) -> list[Answer]:
        """What one answered to questionnaires."""
        page: Answer = await self.device.ask(ANSWERS, first=first, after=after)
        return [edge["node"] | {"cursor": edge["cursor"]} for edge in page["edges"]]

    async def sees_own_access(self) -> list[Answer]:
        """What one's approved accesses open."""
        viewer: Answer = await self.device.ask("{ viewer { accessGrants { name relation about scopes } } }")
        grants: list[Answer] = viewer["accessGrants"]
        return grants
