"""Somebody who decides what a practice asks of its people."""

from datetime import datetime
from typing import Any

from tests.people.device import Answer
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

_AUDIENCE = """audience factors { factor } preferred allFactors unavailable offeredFrom requiredFrom demand remember
  rememberDefault fallback passwordless"""
_SETTINGS = """version slug portalUrl name helpdeskEmail helpdeskPhone language timeZone country emailSignIn signUpOpen
  invitationDays links { portal accept verify reset } allowedOrigins crossSiteOrigins
  smsCountries postalAddress hasLogo currency
  agbCode kvkNumber vatNumber"""
_EXEMPT = (
    "__typename ... on ExemptionChanged { respondent { loginStatus { exemptUntil } } staffMember { exemptUntil } }"
)

_PROSPECT = "id name email phone birthDate language verified signedUpAt lastSignInAt"
_VERIFIED = f"... on ProspectVerified {{ prospect {{ {_PROSPECT} }} }}"
_CLIENT = """... on ClientCreated { dossier { id reference name birthDate language
  respondents { id name relation email phone loginStatus { access accessBlockers { code } } } } }"""
_ASSOCIATED = "... on ProspectAssociated { respondent { id name loginStatus { access loginCode } } }"


class Manager(StaffPerson):
    """An owner or admin, at the page with the policy."""

    async def sees_policy(self, audience: str = "RESPONDENT") -> Answer:
        """What is asked of one audience."""
        policy = await self.device.ask(f"{{ policy {{ installed {{ factor }} audiences {{ {_AUDIENCE} }} }} }}")
        (found,) = [each for each in policy["audiences"] if each["audience"] == audience]
        return dict(found)

    async def sets_policy(self, audience: str = "RESPONDENT", **changes: Any) -> Answer:
        """Change some of it; the answer has the policy as it is then."""
        answer: Answer = await self.device.ask(
            f"""mutation($input: PolicyInput!) {{ setPolicy(input: $input) {{ __typename
                  ... on PolicySet {{ policy {{ audiences {{ {_AUDIENCE} }} }} }}
                  ... on PolicyRefused {{ field reason }} ... on Refusal {{ code message }} }} }}""",
            input={"audience": audience, **changes},
        )
        return answer

    async def tries_policy(
        self,
        audience: str = "RESPONDENT",
        on: datetime | str | None = None,
        first: int = 25,
        after: str | None = None,
        **changes: Any,
    ) -> Answer:
        """Ask whom it would hit."""
        answer: Answer = await self.device.ask(
            """query($input: PolicyInput!, $on: DateTime, $first: Int!, $after: String) {
                 policyDryRun(input: $input, on: $on, first: $first, after: $after) { __typename
                   ... on PolicyDryRun { demand totalCount lockedOutCount totals { reason lockedOut count }
                     gaps { account name reason lockedOut } pageInfo { hasNextPage endCursor } }
                   ... on Refusal { code message } } }""",
            input={"audience": audience, **changes},
            on=on.isoformat() if isinstance(on, datetime) else on,
            first=first,
            after=after,
        )
        return answer

    async def sees_practice(self) -> Answer:
        """The practice's own settings."""
        settings: Answer = await self.device.ask(f"{{ practiceSettings {{ {_SETTINGS} }} }}")
        return settings

    async def settles(self, version: int | None = None, **changes: Any) -> Answer:
        """Change some of them; the answer has the settings as they are then."""
        seen = (await self.sees_practice())["version"] if version is None else version
        answer: Answer = await self.device.ask(
            f"""mutation($input: UpdatePracticeInput!) {{ updatePractice(input: $input) {{ __typename
                  ... on PracticeUpdated {{ settings {{ {_SETTINGS} }} }}
                  ... on InvalidInput {{ field path problem problemCode }} ... on Refusal {{ code message }} }} }}""",
            input={"version": seen, **changes},
        )
        return answer

    async def sees_sms_usage(self, month: str | None = None) -> Answer:
        """What was sent by text message in a month."""
        usage: Answer = await self.device.ask(
            """query($month: String) { smsUsage(month: $month) { __typename
                 ... on SmsUsage { month count cost currency costCap dailyCap countries { country count cost } }
                 ... on InvalidInput { field problemCode } ... on Refusal { code message } } }""",
            month=month,
        )
        return usage

    async def exempts(self, person: str, until: datetime, reason: str = "Broke both arms") -> Answer:
        answer: Answer = await self.device.ask(
            f"mutation($input: ExemptInput!) {{ exemptFromFactor(input: $input) {{ {_EXEMPT}"
            " ... on Refusal { code message } } }",
            input={"person": person, "until": until.isoformat(), "reason": reason},
        )
        return answer

    async def ends_exemption(self, person: str) -> Answer:
        answer: Answer = await self.device.ask(
            f"mutation($id: ID!) {{ endExemption(person: $id) {{ {_EXEMPT} ... on Refusal {{ code message }} }} }}",
            id=person,
        )
        return answer

    async def sees_prospects(self, **asked: Any) -> Answer:
        """The people who signed up."""
        page: Answer = await self.device.ask(
            f"""query($first: Int, $after: String, $search: String, $verified: Boolean) {{
                  prospects(first: $first, after: $after, search: $search, verified: $verified) {{
                    totalCount verifiedCount unverifiedCount pageInfo {{ hasNextPage endCursor }}
                    edges {{ node {{ {_PROSPECT} }} }} }} }}""",
            **({"first": 25} | asked),
        )
        return page

    async def prospect(self, name: str) -> Answer:
        """The one prospect of this name."""
        (edge,) = (await self.sees_prospects(search=name))["edges"]
        found: Answer = edge["node"]
        return found

    async def verifies_prospect(self, prospect: str, reason: str = "Known from the waiting list") -> Answer:
        return await self._decides(
            "verifyProspect", "VerifyProspectInput", {"prospect": prospect, "reason": reason}, _VERIFIED
        )

    async def rejects(self, prospect: str, *, tell: bool = True) -> Answer:
        given = {"prospect": prospect, "tellPerson": tell}
        return await self._decides("rejectProspect", "RejectProspectInput", given)

    async def creates_client(self, prospect: str, reference: str, **changes: Any) -> Answer:
        given = {"prospect": prospect, "reference": reference, **changes}
        return await self._decides("createClient", "CreateClientInput", given, _CLIENT)

    async def associates(self, prospect: str, respondent: str) -> Answer:
        given = {"prospect": prospect, "respondent": respondent}
        return await self._decides("associateProspect", "AssociateProspectInput", given, _ASSOCIATED)

    async def searches_respondents(self, search: str | None = None, **asked: Any) -> Answer:
        page: Answer = await self.device.ask(
            """query($first: Int, $after: String, $search: String) {
                 respondents(first: $first, after: $after, search: $search) { totalCount
                   pageInfo { hasNextPage endCursor }
                   edges { node { id name relation loginStatus { access } } dossier { id reference name birthDate } }
                 } }""",
            search=search,
            **({"first": 25} | asked),
        )
        return page

    async def _decides(self, mutation: str, kind: str, given: Answer, success: str = "") -> Answer:
        answer: Answer = await self.device.ask(
            f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ __typename {success}"
            " ... on Refusal { code message } } }",
            input=given,
        )
        return answer


def managing(person: StaffPerson, sluis: Sluis | None = None) -> Manager:
    """The same person and device, at that page."""
    manager = Manager(sluis or person.sluis, person.own, person.device.transport, person.practice)
    manager.device = person.device
    return manager
