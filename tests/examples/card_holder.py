"""Somebody who prints a grid card and signs in with it, through the types that the card's factor contributed."""

from typing import Any

from tests.people.cast import LATER, STEP
from tests.people.device import Answer
from tests.people.staff import StaffPerson

_BEGIN = """mutation { beginEnrolment(input: {factor: "grid_card"}) { __typename
  ... on EnrolmentBegun { enrolment { id factor ... on GridCardEnrolment {
    cells { place characters } text svg places } } }
  ... on Refusal { code message } } }"""
_CONFIRM = """mutation($input: ConfirmEnrolmentInput!) { confirmEnrolment(input: $input) { __typename
  ... on EnrolmentConfirmed { enrolment { factor label } } ... on Refusal { code message } } }"""
_ASKED = """... on FactorRequired { options { challenge { ... on GridCardChallenge { places } } } }"""


class CardHolder(StaffPerson):
    """Has a card as well as an app."""

    card: dict[str, str]

    async def prints_card(self) -> Answer:
        """Begin to set a card up, in the settings."""
        begun: Answer = await self.device.ask(_BEGIN)
        assert begun["__typename"] == "EnrolmentBegun", begun
        enrolment: Answer = begun["enrolment"]
        self.card = {cell["place"]: cell["characters"] for cell in enrolment["cells"]}
        return enrolment

    async def shows_card_is_there(self, enrolment: Answer) -> Answer:
        """Finish setting up: type the cells that are asked."""
        given = {"enrolment": enrolment["id"], "proof": self.cells_at(enrolment["places"]), "label": "In my wallet"}
        confirmed: Answer = await self.device.ask(_CONFIRM, input=given)
        return confirmed

    def cells_at(self, places: list[str]) -> dict[str, Any]:
        """A ``FactorProof``."""
        return {"gridCard": {"cells": [self.card[place].lower() for place in places]}}

    async def is_asked_for_cells(self) -> tuple[Answer, Answer]:
        """Login and password; answers the step, and the challenge for the card."""
        entry = {"practice": self.practice, "login": self.own.login, "password": self.own.password}
        entry["transport"] = self.device.transport
        step = await self._step("signIn", "SignInInput", entry, STEP + LATER + _ASKED)
        (option,) = [option for option in step["options"] if option["factor"] == "grid_card"]
        return step, option["challenge"]

    async def types_cells(self, step: Answer, challenge: Answer, proof: dict[str, Any]) -> Answer:
        given = {"signIn": step["token"], "challenge": challenge["id"], "proof": proof}
        return await self._step("answerFactor", "AnswerFactorInput", given)
