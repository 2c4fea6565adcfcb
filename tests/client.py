"""What clients do under *My Account* besides their settings."""

from tests.account_page import AccountPage
from tests.speaking import Answer

LOG = """query($first: Int! = 25, $after: String) { whoLookedAtMyDossier(first: $first, after: $after) {
  edges { cursor node { at actor name role event what refused } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


class MyAccount(AccountPage):
    """Somebody at the page *My Account*."""

    async def sees_who_looked(self, first: int = 25, after: str | None = None) -> Answer:
        """One page of the log of one's own dossier."""
        page: Answer = await self.device.ask(LOG, first=first, after=after)
        return page

    async def reads_log(self) -> list[Answer]:
        """The newest entries of the log of one's own dossier."""
        return [edge["node"] for edge in (await self.sees_who_looked(100))["edges"]]
