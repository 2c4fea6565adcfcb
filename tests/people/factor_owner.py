"""Somebody who tends their own factors: names them, removes them, and replaces what was lost."""

from typing import Any

from tests.people.authenticator import Authenticator
from tests.people.cast import STEP
from tests.people.device import Answer
from tests.people.key_holder import KeyHolder
from tests.people.security_key import SecurityKey

_SHOWN = """{ viewer { factors { id factor label available codesLeft lastUsed }
  fallbacks { factor confirmed codesLeft fewLeft } rememberedDevices { id } } }"""
#: What a page needs to have a key asked.
KEY = "... on PasskeyChallenge { options }"
_CONFIRM = (
    """mutation($input: ConfirmEnrolmentInput!) { confirmEnrolment(input: $input) { __typename
         ... on EnrolmentConfirmed { enrolment { id factor } step { """
    + STEP
    + "} } ... on Refusal { code message } } }"
)


class FactorOwner(KeyHolder):
    """Somebody with an app, and with a key or two."""

    async def sees_factors(self) -> Answer:
        """The part of the account page that is about factors."""
        shown: Answer = await self.device.ask(_SHOWN)
        return shown

    async def has(self, factor: str) -> str:
        """The id of the one factor of that name."""
        (found,) = [each["id"] for each in (await self.sees_factors())["factors"] if each["factor"] == factor]
        return str(found)

    async def renames(self, identity: str, label: str) -> Answer:
        return await self._runs(
            "renameFactor(id: $id, label: $label)", "($id: ID!, $label: String!)", id=identity, label=label
        )

    async def begins_removal(self, identity: str, own: str = "") -> Answer:
        """Have a factor asked for a last proof; ``own`` selects fields that only its challenge has."""
        begun: Answer = await self.device.ask(
            f"""mutation($id: ID!) {{ beginFactorRemoval(id: $id) {{ __typename
                 ... on FactorRemovalBegun {{ challenge {{ id factor {own} }} }}
                 ... on Refusal {{ code message }} }} }}""",
            id=identity,
        )
        return begun

    async def removes(self, identity: str, begun: Answer, proof: dict[str, Any]) -> Answer:
        """Answer the challenge of what shall go."""
        given = {"factor": identity, "challenge": begun["challenge"]["id"], "proof": proof}
        return await self._runs("removeFactor(input: $input)", "($input: RemoveFactorInput!)", input=given)

    async def removes_app(self, code: str | None = None) -> Answer:
        """Remove the app, with a code of it; answers what it is refused with as well."""
        identity = await self.has("totp")
        begun = await self.begins_removal(identity)
        if begun["__typename"] != "FactorRemovalBegun":
            return begun
        return await self.removes(identity, begun, {"totp": {"code": code or self.app.code()}})

    async def removes_key(self, key: SecurityKey | None = None) -> Answer:
        """Remove the key, by touching it or another one."""
        identity = await self.has("passkeys")
        begun = await self.begins_removal(identity, KEY)
        credential = (key or self.key).get(begun["challenge"]["options"])
        return await self.removes(identity, begun, {"passkeys": {"credential": credential}})

    async def replaces_by_app(self, lost: str | None, token: str | None = None) -> Answer:
        """Set up a new app in place of what was lost."""
        begun = await self.scans({"token": token})
        if begun["__typename"] != "EnrolmentBegun":
            return begun
        given = {
            "signIn": token,
            "enrolment": begun["enrolment"]["id"],
            "proof": {"totp": {"code": self.app.code()}},
            "replaces": lost,
        }
        confirmed: Answer = await self.device.ask(_CONFIRM, input=given)
        return confirmed

    def forgets_app(self) -> Authenticator:
        """Lose the phone; answers the authenticator app on it, for its finder."""
        app, self.own.app = self.app, None
        return app

    async def uses_code(self) -> Answer:
        """Sign in with the password and the next recovery code."""
        return await self.proves(await self.starts_sign_in(), "recovery_codes", self.own.codes.pop())
