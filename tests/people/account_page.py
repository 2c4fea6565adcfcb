"""What people do on the page of their own account: look, prove themselves again, change and end things."""

from typing import Any

from tests.people.device import Answer
from tests.people.guest import Guest

#: The field of ``FactorProof`` for each factor.
PROOFS = {"totp": "totp", "recovery_codes": "recoveryCodes"}

_SETTINGS = """{ viewer { name email language loginCode access steppedUpUntil
  factors { id factor title label since lastUsed available }
  fallbacks { factor confirmed since lastUsed codesLeft fewLeft }
  rememberedDevices { id label userAgent device since expiresAt }
  loginSessions { id createdAt expiresAt userAgent device address current } } }"""


def challenge_for(step: Answer, factor: str) -> str:
    """The id of the open challenge of one factor."""
    found: str = next(option["challenge"]["id"] for option in step["options"] if option["factor"] == factor)
    return found


class AccountPage(Guest):
    """Somebody with an account, at its page."""

    async def sees_settings(self) -> Answer:
        """All that the page shows."""
        viewer: Answer = await self.device.ask(_SETTINGS)
        return viewer

    async def speaks(self, language: str) -> None:
        """Have texts in a language: the browser's, and the account's where somebody is signed in."""
        self.device.http.headers["Accept-Language"] = language
        await self.chooses_language(language)

    async def chooses_language(self, language: str) -> Answer:
        return await self._runs("setLanguage(language: $language)", "($language: String!)", language=language)

    async def begins_step_up(self) -> Answer:
        begun: Answer = await self.device.ask(
            """mutation { beginStepUp { __typename ... on StepUpBegun { options { factor challenge { id } } }
                 ... on Refusal { code message } } }"""
        )
        return begun

    async def steps_up(self, *, factor: str = "totp", code: str | None = None, password: str | None = None) -> Answer:
        """Prove once more who is there, with the password and a factor."""
        begun = await self.begins_step_up()
        answer: Answer = await self.device.ask(
            """mutation($input: StepUpInput!) { stepUp(input: $input) { __typename
                 ... on SteppedUp { sessionToken steppedUpUntil } ... on Refusal { code message } } }""",
            input={
                "password": password or self.own.password,
                "challenge": challenge_for(begun, factor),
                "proof": {PROOFS[factor]: {"code": code or self.app.code()}},
            },
        )
        if answer.get("sessionToken"):
            self.device.session_token = answer["sessionToken"]
        return answer

    async def changes_password(self, password: str) -> Answer:
        given = {"password": password}
        changed = await self._runs("changePassword(input: $input)", "($input: ChangePasswordInput!)", input=given)
        if changed["__typename"] == "PasswordChanged":
            self.own.password = password
        return changed

    async def asks_verification_again(self) -> Answer:
        return await self._runs("resendVerification")

    async def ends_session(self, identity: str) -> Answer:
        return await self._runs("endSession(id: $id)", "($id: ID!)", id=identity)

    async def ends_other_sessions(self) -> Answer:
        return await self._runs("endOtherSessions")

    async def revokes_device(self, identity: str) -> Answer:
        return await self._runs("revokeDevice(id: $id)", "($id: ID!)", id=identity)

    async def renames_device(self, identity: str, label: str) -> Answer:
        declared = "($id: ID!, $label: String!)"
        return await self._runs("renameDevice(id: $id, label: $label)", declared, id=identity, label=label)

    async def revokes_all_devices(self) -> Answer:
        return await self._runs("revokeAllDevices")

    async def _runs(self, field: str, declared: str = "", **variables: Any) -> Answer:
        """Run one mutation; ``declared`` are the variables that ``field`` uses."""
        answer: Answer = await self.device.ask(
            f"mutation{declared} {{ {field} {{ __typename ... on Refusal {{ code message }} }} }}", **variables
        )
        return answer
