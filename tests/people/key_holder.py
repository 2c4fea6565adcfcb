"""Somebody with a security key, plugged into whichever device they sit at."""

from tests.people.cast import STEP, Person
from tests.people.device import Answer
from tests.people.security_key import TRUTH, Lies, SecurityKey

#: What a page needs to have the key asked, in an answer that has challenges.
ASKED = "... on FactorRequired { options { challenge { ... on PasskeyChallenge { options } } } }"


class KeyHolder(Person):
    """``key`` is the one that is plugged in."""

    key: SecurityKey

    def plugs_in(self, key: SecurityKey | None = None) -> SecurityKey:
        """Use this key, or a new one, from now on."""
        self.key = key or SecurityKey(self.sluis.url)
        return self.key

    async def begins_key(self) -> Answer:
        """Have a key asked for from the settings."""
        begun: Answer = await self.device.ask(
            """mutation($input: BeginEnrolmentInput!) { beginEnrolment(input: $input) { __typename
                 ... on EnrolmentBegun { enrolment { id factor ... on PasskeyEnrolment { options } } }
                 ... on Refusal { code } } }""",
            input={"factor": "passkeys"},
        )
        return begun

    async def confirms_key(self, begun: Answer, credential: str, label: str = "") -> Answer:
        """Hand over what the key made."""
        confirmed: Answer = await self.device.ask(
            """mutation($input: ConfirmEnrolmentInput!) { confirmEnrolment(input: $input) { __typename
                 ... on EnrolmentConfirmed { enrolment { id factor title label } step { __typename } }
                 ... on Refusal { code } } }""",
            input={
                "enrolment": begun["enrolment"]["id"],
                "proof": {"passkeys": {"credential": credential}},
                "label": label,
            },
        )
        return confirmed

    async def adds_key(self, key: SecurityKey | None = None, label: str = "") -> Answer:
        """Plug a key in and register it; the session was stepped up a moment ago."""
        begun = await self.begins_key()
        made = self.plugs_in(key).create(begun["enrolment"]["options"])
        confirmed = await self.confirms_key(begun, made, label)
        assert confirmed["__typename"] == "EnrolmentConfirmed", confirmed
        enrolment: Answer = confirmed["enrolment"]
        return enrolment

    async def is_asked_for_key(self) -> Answer:
        """Give login and password; answers the step, with the key's options as ``asked``."""
        entry = {
            "practice": self.practice,
            "login": self.own.login,
            "password": self.own.password,
            "transport": self.device.transport,
        }
        step = await self._step("signIn", "SignInInput", entry, STEP + ASKED)
        (option,) = [each for each in step["options"] if each["factor"] == "passkeys"]
        return step | {"asked": option["challenge"]}

    async def proves_key(self, step: Answer, credential: str) -> Answer:
        """Answer the key's challenge after the password."""
        given = {
            "signIn": step["token"],
            "challenge": step["asked"]["id"],
            "proof": {"passkeys": {"credential": credential}},
        }
        return await self._step("answerFactor", "AnswerFactorInput", given)

    async def signs_in_with_key(self, lies: Lies = TRUTH) -> Answer:
        """Password, then the key."""
        step = await self.is_asked_for_key()
        return await self.proves_key(step, self.key.get(step["asked"]["options"], lies))

    async def starts_without_password(self, factor: str = "passkeys") -> Answer:
        """Press the button that asks for a key and nothing else."""
        given = {"practice": self.practice, "factor": factor, "transport": self.device.transport}
        started: Answer = await self.device.ask(
            """mutation($input: StartPasswordlessInput!) { startPasswordless(input: $input) { __typename
                 ... on PasswordlessStarted { token challenge { id factor ... on PasskeyChallenge { options } } }
                 ... on TooManyAttempts { retryAt } ... on Refusal { code message } } }""",
            input=given,
        )
        return started

    async def finishes_without_password(self, started: Answer, credential: str) -> Answer:
        """Hand over what the key answered."""
        given = {
            "signIn": started["token"],
            "challenge": started["challenge"]["id"],
            "proof": {"passkeys": {"credential": credential}},
        }
        return await self._step("answerPasswordless", "AnswerPasswordlessInput", given)

    async def signs_in_without_password(self, lies: Lies = TRUTH) -> Answer:
        """The key, and nothing else."""
        started = await self.starts_without_password()
        return await self.finishes_without_password(started, self.key.get(started["challenge"]["options"], lies))
