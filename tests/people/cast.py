"""The people of the tests: each has a device, an authenticator app and a mailbox, and does what people do.

Replies come back as the server gave them: a success or a typed refusal, told apart by ``__typename`` or ``code``.
"""

from tests.people.account_page import PROOFS, challenge_for
from tests.people.authenticator import Authenticator
from tests.people.client import MyAccount
from tests.people.device import Answer
from tests.people.guest import Belongings, token_of

__all__ = ["Belongings", "Person", "challenge_for", "token_of"]

#: Every step of a sign-in, and the refusals that any step may end in.
STEP = """__typename
  ... on FactorRequired { token rememberChoices rememberDefault
    options { factor standsIn challenge { id factor expiresAt } } }
  ... on FactorOffered { token deadline }
  ... on EnrolmentRequired { token passwordConfirmed options { factor title } }
  ... on FallbackUnconfirmed { token factor }
  ... on NewPasswordRequired { token reason passwordRules { minimum } }
  ... on SignedIn { sessionToken deviceToken access viewer { name loginCode access } }
  ... on Refusal { code message }"""
LATER = "... on TooManyAttempts { retryAt }"


class Person(MyAccount):
    """Somebody who signs in, with a second factor of their own."""

    async def starts_sign_in(self, login: str | None = None, password: str | None = None) -> Answer:
        """Give login and password; answers the step that follows."""
        entry = {
            "practice": self.practice,
            "login": login or self.own.login,
            "password": password or self.own.password,
            "transport": self.device.transport,
            "deviceToken": self.device.device_token,
        }
        return await self._step("signIn", "SignInInput", entry)

    async def proves(self, step: Answer, factor: str, code: str, *, remember: int = 0) -> Answer:
        """Answer one factor's challenge with a code."""
        answer = {
            "signIn": step["token"],
            "challenge": challenge_for(step, factor),
            "proof": {PROOFS[factor]: {"code": code}},
            "rememberSeconds": remember,
        }
        return await self._step("answerFactor", "AnswerFactorInput", answer)

    async def signs_in(self, *, remember: int = 0) -> Answer:
        """Password and, where it is asked, the app's code."""
        step = await self.starts_sign_in()
        if step["__typename"] != "FactorRequired":
            return step
        return await self.proves(step, "totp", self.app.code(), remember=remember)

    async def confirms_password(self, step: Answer, password: str | None = None) -> Answer:
        """The password once more, before a factor is set up."""
        given = {"signIn": step["token"], "password": password or self.own.password}
        return await self._step("confirmPassword", "ConfirmPasswordInput", given)

    async def scans(self, step: Answer) -> Answer:
        """Begin to set up an app: scan the QR code."""
        begun: Answer = await self.device.ask(
            """mutation($input: BeginEnrolmentInput!) { beginEnrolment(input: $input) { __typename
                 ... on EnrolmentBegun { enrolment { id factor expiresAt ... on TotpEnrolment { secret uri qrSvg } } }
                 ... on Refusal { code message } } }""",
            input={"signIn": step.get("token"), "factor": "totp"},
        )
        if begun["__typename"] == "EnrolmentBegun":
            self.own.app = Authenticator(begun["enrolment"]["secret"], self.sluis.clock)
        return begun

    async def shows_app_works(self, step: Answer, begun: Answer, code: str | None = None) -> Answer:
        """Finish setting up: type the app's first code."""
        confirmed: Answer = await self.device.ask(
            """mutation($input: ConfirmEnrolmentInput!) { confirmEnrolment(input: $input) { __typename
                 ... on Refusal { code message } ... on EnrolmentConfirmed { step { """
            + STEP
            + "} } } }",
            input={
                "signIn": step.get("token"),
                "enrolment": begun["enrolment"]["id"],
                "proof": {"totp": {"code": code or self.app.code()}},
                "label": "phone",
            },
        )
        return confirmed

    async def sets_up_app(self, step: Answer) -> Answer:
        """Password again, QR code, first code; answers the step that follows."""
        step = await self.confirms_password(step)
        confirmed = await self.shows_app_works(step, await self.scans(step))
        following: Answer = confirmed["step"]
        return following

    async def takes_codes(self, step: Answer) -> Answer:
        """Have recovery codes shown, this once."""
        issued: Answer = await self.device.ask(
            """mutation($input: FallbackInput!) { issueFallback(input: $input) { __typename
                 ... on FallbackIssued { id token issue { factor ... on RecoveryCodes { codes text } } }
                 ... on Refusal { code message } } }""",
            input={"signIn": step.get("token"), "factor": "recovery_codes"},
        )
        if issued["__typename"] == "FallbackIssued":
            self.own.codes, self.own.issued = list(issued["issue"]["codes"]), issued["id"]
        return issued

    async def keeps_codes(self, step: Answer) -> Answer:
        """Take recovery codes and say that they are kept; answers the step that follows."""
        return await self.confirms_codes(await self.takes_codes(step))

    async def confirms_codes(self, issued: Answer) -> Answer:
        """Say that the recovery codes are kept; answers the step that follows."""
        given = {"signIn": issued.get("token"), "factor": "recovery_codes", "issued": issued.get("id", self.own.issued)}
        return await self._step("confirmFallback", "ConfirmFallbackInput", given, STEP)

    async def sets_password(self, step: Answer, password: str) -> Answer:
        """Choose another password, where a sign-in asks for it."""
        given = {"signIn": step["token"], "password": password}
        return await self._step("setNewPassword", "SetNewPasswordInput", given, STEP)

    async def replaces_password(self, step: Answer, password: str) -> Answer:
        """Choose a password of one's own in place of one that staff gave; answers the step that follows."""
        given = {"signIn": step["token"], "password": password}
        following = await self._step("setNewPassword", "SetNewPasswordInput", given, STEP)
        if "code" not in following:
            self.own.password = password
        return following

    async def comes_in(self) -> Answer:
        """The first sign-in: sets up an app and keeps codes; answers the step that follows."""
        return await self.keeps_codes(await self.sets_up_app(await self.starts_sign_in()))

    async def looks_again(self, token: str) -> Answer:
        """The step that a sign-in stands at, as after a reload."""
        step: Answer = await self.device.ask(
            f"query($token: String!) {{ signInStep(token: $token) {{ {STEP} }} }}", token=token
        )
        return step

    async def signs_out(self) -> Answer:
        answer: Answer = await self.device.ask("mutation { signOut { __typename } }")
        self.device.session_token = None
        return answer

    async def _step(self, mutation: str, kind: str, given: Answer, fields: str = STEP + LATER) -> Answer:
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} }} }}"
        step: Answer = await self.device.ask(document, input=given)
        return self._keeps_tokens(step)

    def _keeps_tokens(self, step: Answer) -> Answer:
        if step.get("sessionToken"):
            self.device.session_token = step["sessionToken"]
        if step.get("deviceToken"):
            self.device.device_token = step["deviceToken"]
        return step
