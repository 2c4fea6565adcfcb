"""The people who work at a practice, and what they do with dossiers and logins."""

from typing import Any

from commands.demo import DemoStaff
from tests.people.authenticator import Authenticator
from tests.people.cast import Belongings, Person
from tests.people.device import Answer, Transport, Unanswered
from tests.people.paper_work import PaperWork
from tests.support.sluis import Sluis

#: A respondent as staff see one.
RESPONDENT = """
fragment Seen on Respondent { id name email version loginStatus {
  loginCode email phone access approvedBy factorSet resetRequestedAt suspendedAt
  steps { step party doneAt problem { state message } }
  accessBlockers { code party mutation message }
  undelivered { ...Problem }
  invitation { state sentTo relayedAt openedAt expiresAt problem { ...Problem } } } }
fragment Problem on MessageProblem { title channel state reason message status failedAt retryAt mutation }"""

#: A colleague as owners and admins see one.
DEVICES = (
    "query($id: ID!) { rememberedDevices(respondent: $id) { id label userAgent device since lastUsed expiresAt } }"
)
COLLEAGUE = "id name email role suspended hasAccount caseloadSize invitation { state }"
_CHANGED_COLLEAGUE = (
    f"__typename ... on StaffMemberChanged {{ staffMember {{ {COLLEAGUE} }} }} ... on Refusal {{ code message }}"
)
_CHANGED_RESPONDENT = "__typename ... on RespondentChanged { respondent { ...Seen } } ... on Refusal { code message }"


class StaffPerson(PaperWork):
    """A member of staff at a device."""

    async def sees_dossiers(self, search: str | None = None) -> list[Answer]:
        """The dossiers within reach, with those who answer for them."""
        page: Answer = await self.device.ask(
            """query($search: String) { dossiers(search: $search) { totalCount edges { node {
                 id reference name version respondents { ...Seen } } } } }"""
            + RESPONDENT,
            search=search,
        )
        assert page["totalCount"] == len(page["edges"])
        return [edge["node"] for edge in page["edges"]]

    async def opens_dossier(self, reference: str) -> Answer:
        """The one dossier of this reference."""
        (dossier,) = await self.sees_dossiers(reference)
        return dossier

    async def finds(self, name: str) -> Answer:
        """The one respondent of this name."""
        found: list[Answer] = [
            respondent
            for dossier in await self.sees_dossiers()
            for respondent in dossier["respondents"]
            if respondent["name"] == name
        ]
        assert len(found) == 1
        return found[0]

    async def creates_dossier(self, reference: str, name: str) -> Answer:
        answer: Answer = await self.device.ask(
            """mutation($input: CreateDossierInput!) { createDossier(input: $input) { __typename
                 ... on DossierCreated { dossier { id reference } } ... on Refusal { code message } } }""",
            input={"reference": reference, "name": name},
        )
        return answer

    async def renames_dossier(self, dossier: Answer, name: str) -> Answer:
        given = {"id": dossier["id"], "version": dossier["version"], "name": name}
        return await self._runs("updateDossier(input: $input)", "($input: UpdateDossierInput!)", input=given)

    async def adds_respondent(self, dossier: str, name: str, email: str | None, relation: str = "PARENT") -> Answer:
        given = {"dossier": dossier, "name": name, "relation": relation, "email": email}
        return await self._does("addRespondent", "AddRespondentInput", given)

    async def gives_email(self, respondent: Answer, email: str | None) -> Answer:
        """Write a respondent's e-mail address down."""
        given = {"id": respondent["id"], "version": respondent["version"], "email": email}
        return await self._does("updateRespondent", "UpdateRespondentInput", given)

    async def looks_at(self, respondent: str) -> Answer:
        """A respondent as they are now."""
        answer: Answer = await self.device.ask(
            "query($id: ID!) { node(id: $id) { ...Seen } }" + RESPONDENT, id=respondent
        )
        return answer

    async def invites(self, respondent: str) -> Answer:
        return await self._acts("inviteRespondent", respondent)

    async def suspends_account(self, respondent: str, reason: str = "Threatened a colleague") -> Answer:
        """Suspend the whole account of a respondent."""
        given = {"respondent": respondent, "reason": reason}
        return await self._does("suspendAccount", "AccountSuspensionInput", given)

    async def reinstates_account(self, respondent: str, reason: str = "Talked it over") -> Answer:
        """Lift the suspension of a respondent's account."""
        given = {"respondent": respondent, "reason": reason}
        return await self._does("reinstateAccount", "AccountSuspensionInput", given)

    async def gives_starter_password(self, respondent: str, password: str | None = None) -> Answer:
        """Give a login to pass on."""
        answer: Answer = await self.device.ask(
            """mutation($input: GiveStarterPasswordInput!) { giveStarterPassword(input: $input) { __typename
                 ... on StarterPasswordGiven { email loginCode signsInByEmail portalUrl password expiresAt
                   respondent { ...Seen } } ... on Refusal { code message } } }"""
            + RESPONDENT,
            input={"respondent": respondent, "password": password},
        )
        return answer

    async def revokes_invitation(self, respondent: str) -> Answer:
        return await self._acts("revokeInvitation", respondent)

    async def approves(self, respondent: str) -> Answer:
        return await self._acts("approveAccess", respondent)

    async def deactivates(self, respondent: str) -> Answer:
        return await self._acts("deactivateAccess", respondent)

    async def resets_factors(self, respondent: str) -> Answer:
        return await self._acts("resetFactors", respondent)

    async def replaces_login_code(self, respondent: str) -> Answer:
        return await self._acts("replaceLoginCode", respondent)

    async def ends_sessions_of(self, respondent: str) -> Answer:
        return await self._acts("endRespondentSessions", respondent)

    async def sees_devices_of(self, respondent: str) -> list[Answer]:
        """Which devices skip the factor of a respondent."""
        devices: list[Answer] = await self.device.ask(DEVICES, id=respondent)
        return devices

    async def revokes_device_of(self, respondent: str, device: str) -> Answer:
        answer: Answer = await self.device.ask(
            "mutation($id: ID!, $device: ID!) { revokeRespondentDevice(respondent: $id, device: $device) { "
            f"{_CHANGED_RESPONDENT} }} }}" + RESPONDENT,
            id=respondent,
            device=device,
        )
        return answer

    async def revokes_devices_of(self, respondent: str) -> Answer:
        return await self._acts("revokeRespondentDevices", respondent)

    async def closes_dossier(self, dossier: str, version: int | None = None) -> Answer:
        """Close a dossier; without a version as it is now."""
        return await self._settles("closeDossier", dossier, version)

    async def reopens_dossier(self, dossier: str, version: int | None = None) -> Answer:
        """Open a closed dossier again."""
        return await self._settles("reopenDossier", dossier, version)

    async def _settles(self, mutation: str, dossier: str, version: int | None) -> Answer:
        if version is None:
            version = await self.version_of(dossier)
        given = {"id": dossier, "version": version}
        return await self._runs(f"{mutation}(dossier: $id, version: $version)", "($id: ID!, $version: Int!)", **given)

    async def version_of(self, dossier: str) -> int:
        """The version of a dossier; 0 for somebody who may not see it."""
        query = "query($id: ID!) { node(id: $id) { ... on Dossier { version } } }"
        try:
            seen = await self.device.ask(query, id=dossier)
        except Unanswered:
            return 0
        return int(seen["version"]) if seen else 0

    async def takes_on(self, person: Person, reference: str = "D-1001") -> str:
        """Write a person down in a dossier; answers the respondent's id."""
        dossier = (await self.opens_dossier(reference))["id"]
        added = await self.adds_respondent(dossier, person.own.name, person.own.email)
        identity: str = added["respondent"]["id"]
        return identity

    async def lets_in(self, person: Person) -> str:
        """Have a person come all the way in, up to the approval; answers the respondent's id."""
        respondent = await self.finds(person.own.name)
        if respondent["email"] != person.own.email:
            respondent = (await self.gives_email(respondent, person.own.email))["respondent"]
        await self.invites(respondent["id"])
        await person.accepts(await person.gets_link("accept"), f"{person.own.name} vindt fietsen fijn")
        codes = await person.sets_up_app(await person.starts_sign_in())
        done = await person.keeps_codes(codes)
        assert done["__typename"] == "SignedIn", done
        await self.approves(respondent["id"])
        identity: str = respondent["id"]
        return identity

    async def sees_change_requests(self, dossier: str | None = None) -> list[Answer]:
        """What people want changed, oldest first."""
        page: Answer = await self.device.ask(
            """query($dossier: ID) { changeRequests(dossier: $dossier) { edges { node {
                 id field current wanted personName dossiers createdAt beyondReach
                 touches { id reference name respondent relation } } } } }""",
            dossier=dossier,
        )
        return [edge["node"] for edge in page["edges"]]

    async def decides(self, request: str, *, accept: bool, reason: str = "") -> Answer:
        given = {"request": request, "accept": accept, "reason": reason}
        return await self._runs("decideChange(input: $input)", "($input: DecideChangeInput!)", input=given)

    async def sees_colleague(self, email: str) -> Answer:
        """The one member of staff of this address."""
        everyone: list[Answer] = await self.device.ask(f"{{ staff {{ {COLLEAGUE} }} }}")
        (found,) = [one for one in everyone if one["email"] == email]
        return found

    async def hires(self, name: str, email: str, role: str) -> Answer:
        given = {"name": name, "email": email, "role": role}
        return await self._manages("inviteStaff(input: $it)", "InviteStaffInput!", given)

    async def invites_again(self, colleague: str) -> Answer:
        """Have a new invitation mailed to a colleague."""
        return await self._manages("resendStaffInvitation(staffMember: $it)", "ID!", colleague)

    async def gives_role(self, colleague: str, role: str) -> Answer:
        given = {"staffMember": colleague, "role": role}
        return await self._manages("setStaffRole(input: $it)", "SetStaffRoleInput!", given)

    async def gives_caseload(self, colleague: str, dossiers: list[str]) -> Answer:
        given = {"staffMember": colleague, "dossiers": dossiers}
        return await self._manages("setCaseload(input: $it)", "SetCaseloadInput!", given)

    async def adds_to_caseload(self, colleague: str, dossiers: list[str]) -> Answer:
        return await self._fills("addToCaseload", colleague, dossiers)

    async def removes_from_caseload(self, colleague: str, dossiers: list[str]) -> Answer:
        return await self._fills("removeFromCaseload", colleague, dossiers)

    async def _fills(self, mutation: str, colleague: str, dossiers: list[str]) -> Answer:
        answer: Answer = await self.device.ask(
            f"mutation($staff: ID!, $dossiers: [ID!]!) {{ {mutation}(staffMember: $staff, dossiers: $dossiers)"
            f" {{ {_CHANGED_COLLEAGUE} }} }}",
            staff=colleague,
            dossiers=dossiers,
        )
        return answer

    async def suspends(self, colleague: str) -> Answer:
        return await self._manages("suspendStaff(staffMember: $it)", "ID!", colleague)

    async def reinstates(self, colleague: str) -> Answer:
        return await self._manages("reinstateStaff(staffMember: $it)", "ID!", colleague)

    async def resets_colleague(self, colleague: str) -> Answer:
        """Take a colleague's factors away."""
        return await self._manages("resetStaffFactors(staffMember: $it)", "ID!", colleague)

    async def _manages(self, field: str, kind: str, given: Any) -> Answer:
        answer: Answer = await self.device.ask(
            f"mutation($it: {kind}) {{ {field} {{ {_CHANGED_COLLEAGUE} }} }}", it=given
        )
        return answer

    async def _acts(self, mutation: str, respondent: str) -> Answer:
        answer: Answer = await self.device.ask(
            f"mutation($id: ID!) {{ {mutation}(respondent: $id) {{ {_CHANGED_RESPONDENT} }} }}" + RESPONDENT,
            id=respondent,
        )
        return answer

    async def _does(self, mutation: str, kind: str, given: dict[str, Any]) -> Answer:
        answer: Answer = await self.device.ask(
            f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {_CHANGED_RESPONDENT} }} }}" + RESPONDENT,
            input=given,
        )
        return answer


def at_work(sluis: Sluis, who: DemoStaff, transport: Transport = "COOKIE", practice: str | None = None) -> StaffPerson:
    """A member of staff who was there before the test began."""
    app = Authenticator(who.totp_secret, sluis.clock)
    own = Belongings(who.email, who.email, login=who.email, password=who.password, app=app)
    return StaffPerson(sluis, own, transport, practice)
