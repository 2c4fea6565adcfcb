"""Somebody with a mobile phone, on which text messages arrive."""

from tests.delivery.provider import Provider
from tests.people.cast import STEP, Person
from tests.people.device import Answer, Transport
from tests.people.guest import Belongings
from tests.support.sluis import Sluis

#: What a page shows of a challenge by text message, in an answer that has challenges.
SENT = """... on FactorRequired { token options { factor enrolment challenge { id expiresAt
  ... on SmsChallenge { hint sentAt } } } }"""
NOT_SENT = "... on NotSentYet { reason retryAt }"


class PhoneOwner(Person):
    """``number`` as the person writes it, ``line`` as it is dialled; ``read`` texts were read already."""

    def __init__(
        self, sluis: Sluis, own: Belongings, provider: Provider, number: str, transport: Transport = "COOKIE"
    ) -> None:
        super().__init__(sluis, own, transport)
        self.provider, self.number = provider, number
        self.line = f"+31{number[1:]}"
        self.texts_read = 0

    async def reads_text(self) -> str:
        """The next text message that was not read yet, once it is there."""
        text = await self.provider.wait_for(self.line, beyond=self.texts_read)
        self.texts_read += 1
        return text

    async def reads_code(self) -> str:
        """The code in the next text message that was not read yet, once it is there."""
        return (await self.reads_text())[:6]

    async def gives_number(self, step: Answer, number: str | None = None) -> Answer:
        """Begin to set up text messages; ``step`` is empty in a session."""
        begun: Answer = await self.device.ask(
            f"""mutation($input: BeginEnrolmentInput!) {{ beginEnrolment(input: $input) {{ __typename
                 ... on EnrolmentBegun {{ enrolment {{ id factor expiresAt ... on SmsEnrolment {{ hint }} }} }}
                 {NOT_SENT} ... on InvalidInput {{ field path problem problemCode }}
                 ... on Refusal {{ code message }} }} }}""",
            input={
                "signIn": step.get("token"),
                "factor": "sms",
                "request": {"sms": {"number": number or self.number}},
            },
        )
        return begun

    async def confirms_number(self, step: Answer, begun: Answer, code: str) -> Answer:
        """Type the code that was sent to the new number."""
        confirmed: Answer = await self.device.ask(
            "mutation($input: ConfirmEnrolmentInput!) { confirmEnrolment(input: $input) { __typename"
            " ... on Refusal { code message } ... on EnrolmentConfirmed { enrolment { factor label } step { "
            + STEP
            + " } } } }",
            input={
                "signIn": step.get("token"),
                "enrolment": begun["enrolment"]["id"],
                "proof": {"sms": {"code": code}},
            },
        )
        return confirmed

    async def sets_up_phone(self, step: Answer) -> Answer:
        """Password again, number, code; answers the step that follows."""
        step = await self.confirms_password(step)
        begun = await self.gives_number(step)
        confirmed = await self.confirms_number(step, begun, await self.reads_code())
        following: Answer = confirmed["step"]
        return following

    async def asks_for_text(self, step: Answer, factor: str = "sms") -> Answer:
        """Have a code sent; answers the step with its challenge, or why there is none."""
        given = {"signIn": step.get("token"), "factor": factor}
        fields = f"__typename {SENT} {NOT_SENT} ... on Refusal {{ code message }}"
        if "token" not in step:
            fields += " ... on StepUpBegun { options { factor challenge { id expiresAt } } }"
        return await self._step("openChallenge", "OpenChallengeInput", given, fields)

    async def types_code(self, step: Answer, asked: Answer, code: str, *, remember: int = 0) -> Answer:
        """Answer the challenge of a text message."""
        given = {
            "signIn": step["token"],
            "challenge": challenge_in(asked)["id"],
            "proof": {"sms": {"code": code}},
            "rememberSeconds": remember,
        }
        return await self._step("answerFactor", "AnswerFactorInput", given)

    async def signs_in_by_text(self) -> Answer:
        """Password, then the code from a new text message."""
        step = await self.starts_sign_in()
        asked = await self.asks_for_text(step)
        return await self.types_code(step, asked, await self.reads_code())


def challenge_in(asked: Answer) -> Answer:
    """The open challenge by text message."""
    (challenge,) = [option["challenge"] for option in asked["options"] if option["factor"] == "sms"]
    found: Answer = challenge
    return found
