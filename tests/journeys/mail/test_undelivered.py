"""What did not arrive is seen by the staff who rely on it, in words and with the act that mends it (mission, 34)."""

import asyncio
from typing import Any

import pytest

from tests.delivery.provider import Provider, providing
from tests.people.cast import Person
from tests.people.device import Answer, Unanswered
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

UNKNOWN = "550 5.1.1 No such user here"
LIST = """query($first: Int! = 25, $after: String) { undeliveredMessages(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { name respondent dossier staffMember prospect
    problem { title channel state reason message status mutation retryAt failedAt } } } } }"""


async def becomes(sluis: Sluis, where: str, number: int = 1, *params: object) -> None:
    """Wait until so many messages of the outbox are so."""
    async with asyncio.timeout(20):
        while await sluis.count("outbox_message", where, *params) != number:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)


async def sees_list(person: StaffPerson, **asked: Any) -> Answer:
    page: Answer = await person.device.ask(LIST, **asked)
    return page


def codes(status: Answer) -> list[tuple[str, str, str | None]]:
    return [(one["code"], one["party"], one["mutation"]) for one in status["accessBlockers"]]


@pytest.mark.security
async def test_a_refused_invitation_is_a_blocker_for_staff_until_the_address_is_corrected(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    sluis.mailbox.refusals["ada@gmial.example"] = UNKNOWN
    respondent = await dr_vos.finds("Ada de Vries")
    await dr_vos.gives_email(respondent, "ada@gmial.example")
    await dr_vos.invites(respondent["id"])
    await becomes(sluis, "state = 'FAILED'")
    seen = await dr_vos.looks_at(respondent["id"])
    status = seen["loginStatus"]
    assert codes(status)[0] == ("INVITATION_ADDRESS_REFUSED", "STAFF", "updateRespondent")
    mailed = status["steps"][0]
    assert (mailed["step"], mailed["party"], mailed["doneAt"]) == ("INVITATION_MAILED", "STAFF", None)
    assert mailed["problem"]["state"] == "FAILED"
    assert mailed["problem"]["message"].startswith("Niet verstuurd. Het e-mailadres bestaat niet")
    assert status["invitation"]["state"] == "FAILED"
    assert status["invitation"]["problem"]["mutation"] == "updateRespondent"
    assert status["undelivered"]["status"] == "550 5.1.1"
    (edge,) = (await sees_list(olga))["edges"]
    assert edge["node"]["name"] == "Ada de Vries"
    assert edge["node"]["respondent"] == respondent["id"]
    assert edge["node"]["problem"]["title"] == "Uitnodiging"
    assert edge["node"]["problem"]["reason"] == "ADDRESS_REFUSED"
    await dr_vos.gives_email(seen, "ada@clients.example")
    corrected = (await dr_vos.looks_at(respondent["id"]))["loginStatus"]
    assert codes(corrected)[0][:2] == ("INVITATION_REVOKED", "STAFF")
    assert corrected["undelivered"] is None
    sluis.clock.forward(seconds=1)
    await dr_vos.invites(respondent["id"])
    assert await ada.gets_link("accept")
    mended = (await dr_vos.looks_at(respondent["id"]))["loginStatus"]
    assert codes(mended)[0][:2] == ("INVITATION_OPEN", "RESPONDENT")
    assert mended["steps"][0]["doneAt"]
    assert mended["steps"][0]["problem"] is None
    assert (await sees_list(olga))["totalCount"] == 0


async def test_a_passing_refusal_is_told_as_being_tried_again(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    sluis.mailbox.refusals["ada@clients.example"] = "450 4.2.1 Greylisted"
    respondent = await dr_vos.finds("Ada de Vries")
    respondent = (await dr_vos.gives_email(respondent, "ada@clients.example"))["respondent"]
    await dr_vos.invites(respondent["id"])
    await becomes(sluis, "last_error <> '' AND state = 'WAITING'")
    status = (await dr_vos.looks_at(respondent["id"]))["loginStatus"]
    assert codes(status)[0][:2] == ("INVITATION_OPEN", "RESPONDENT"), "it may still arrive"
    assert status["invitation"]["state"] == "SENT"
    problem = status["steps"][0]["problem"]
    assert (problem["state"], problem["message"][:24]) == ("RETRYING", "Wordt opnieuw geprobeerd")
    assert status["undelivered"]["retryAt"]
    assert status["undelivered"]["mutation"] is None
    assert (await sees_list(olga))["edges"][0]["node"]["problem"]["state"] == "RETRYING"
    del sluis.mailbox.refusals["ada@clients.example"]
    sluis.clock.forward(minutes=1)
    assert await ada.gets_link("accept")
    await becomes(sluis, "failure IS NOT NULL", 0)
    status = (await dr_vos.looks_at(respondent["id"]))["loginStatus"]
    assert status["undelivered"] is status["steps"][0]["problem"] is None
    assert status["invitation"]["state"] == "DELIVERED"


async def test_given_up_after_three_days_names_the_last_reason(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    sluis.mailbox.refusals["ada@clients.example"] = "451 4.4.1 No answer from host"
    respondent = await dr_vos.finds("Ada de Vries")
    respondent = (await dr_vos.gives_email(respondent, "ada@clients.example"))["respondent"]
    await dr_vos.invites(respondent["id"])
    await becomes(sluis, "last_error <> ''")
    sluis.clock.forward(days=3, hours=1)
    await becomes(sluis, "state = 'FAILED'")
    await dr_vos.signs_in()
    status = (await dr_vos.looks_at(respondent["id"]))["loginStatus"]
    assert codes(status)[0] == ("INVITATION_NOT_DELIVERED", "STAFF", "inviteRespondent")
    assert status["invitation"]["problem"]["reason"] == "UNREACHABLE"


async def test_a_reset_that_could_not_be_sent_is_mended_by_asking_again(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """The address is right, so staff can do nothing about it: the blocker names who can, and that act succeeds."""
    respondent = await dr_vos.lets_in(ada)
    sluis.mailbox.refusals["ada@clients.example"] = "451 4.4.1 No answer from host"
    guest = ada.elsewhere()
    await guest.forgets_password()
    await becomes(sluis, "last_error <> '' AND template = 'reset_requested'")
    sluis.clock.forward(days=3, hours=1)
    await becomes(sluis, "state = 'FAILED' AND template = 'reset_requested'")
    await dr_vos.signs_in()
    status = (await dr_vos.looks_at(respondent))["loginStatus"]
    assert codes(status) == [("RESET_NOT_DELIVERED", "RESPONDENT", "forgotPassword")]
    del sluis.mailbox.refusals["ada@clients.example"]
    await guest.forgets_password()
    await ada.gets_link("reset")
    assert codes((await dr_vos.looks_at(respondent))["loginStatus"]) == []


@pytest.mark.security
async def test_a_reset_that_does_not_arrive_is_mended_by_another_address_for_the_account(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    respondent = await dr_vos.lets_in(ada)
    sluis.mailbox.refusals["ada@clients.example"] = UNKNOWN
    await ada.elsewhere().forgets_password()
    await becomes(sluis, "state = 'FAILED' AND template = 'reset_requested'")
    status = (await dr_vos.looks_at(respondent))["loginStatus"]
    assert codes(status) == [("RESET_NOT_DELIVERED", "STAFF", "correctAccountEmail")]
    assert (await sees_list(olga))["edges"][0]["node"]["problem"]["mutation"] == "correctAccountEmail"
    assert (await corrects(dr_vos, respondent, "ada@clients.example"))["code"] == "INVALID_INPUT"
    assert (await corrects(dr_vos, respondent, "ada@new.example"))["__typename"] == "AccountEmailCorrected"
    assert codes((await dr_vos.looks_at(respondent))["loginStatus"]) == []
    assert await ada.looks_at_own_account() is None, "sessions ended"
    ada.own.email, ada.own.read = "ada@new.example", 0
    await ada.forgets_password()
    await ada.resets(await ada.gets_link("reset"), "een heel ander wachtwoord 7")
    ada.own.password = "een heel ander wachtwoord 7"
    assert (await ada.starts_sign_in())["__typename"] == "FactorRequired", "mail alone opens nothing"
    assert (await sees_list(olga))["totalCount"] == 1, "the notice to the old address could not arrive"


async def corrects(person: StaffPerson, respondent: str, email: str) -> Answer:
    answer: Answer = await person.device.ask(
        """mutation($input: CorrectAccountEmailInput!) { correctAccountEmail(input: $input) { __typename
             ... on Refusal { code message } } }""",
        input={"respondent": respondent, "email": email},
    )
    return answer


@pytest.mark.security
async def test_only_who_reaches_every_dossier_corrects_an_address(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    respondent = await dr_vos.lets_in(ada)
    assert (await corrects(ada, respondent, "mallory@evil.example"))["code"] == "NOT_ALLOWED"  # type: ignore[arg-type]
    other = await olga.finds("Carla Jansen")
    assert (await corrects(dr_vos, other["id"], "c@new.example"))["code"] == "NO_LOGIN"
    sluis.clock.forward(minutes=16)
    assert (await corrects(dr_vos, respondent, "a@new.example"))["code"] == "STEP_UP_REQUIRED"
    assert await sluis.count("account", "email = 'ada@clients.example'") == 1


@pytest.mark.security
async def test_an_address_that_staff_typed_is_not_proven(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """It may be mistyped, so mail alone gets nobody in. Another spelling is no other address."""
    respondent = await dr_vos.lets_in(ada)
    assert (await corrects(dr_vos, respondent, "ADA@clients.example"))["code"] == "INVALID_INPUT"
    assert (await corrects(dr_vos, respondent, "ada@new.example"))["__typename"] == "AccountEmailCorrected"
    assert await sluis.count("account", "email = 'ada@new.example' AND email_verified_at IS NULL") == 1


async def test_a_colleagues_invitation_is_in_the_list_of_managers_alone(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    sluis.mailbox.refusals["nieuw@staff.example"] = UNKNOWN
    await olga.hires("Nieuw", "nieuw@staff.example", "THERAPIST")
    await becomes(sluis, "state = 'FAILED'")
    (edge,) = (await sees_list(olga))["edges"]
    assert (edge["node"]["name"], edge["node"]["problem"]["mutation"]) == ("Nieuw", "resendStaffInvitation")
    assert edge["node"]["staffMember"]
    with pytest.raises(Unanswered, match="NOT_ALLOWED"):
        await sees_list(dr_vos)


async def test_the_list_comes_in_pages(sluis: Sluis, olga: StaffPerson) -> None:
    for number in range(5):
        address = f"nieuw{number}@staff.example"
        sluis.mailbox.refusals[address] = UNKNOWN
        await olga.hires(f"Nieuw {number}", address, "THERAPIST")
        sluis.clock.forward(seconds=1)
    await becomes(sluis, "state = 'FAILED'", 5)
    names: list[str] = []
    after = None
    for _ in range(3):
        page = await sees_list(olga, first=2, after=after)
        assert page["totalCount"] == 5
        names += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert names == [f"Nieuw {number}" for number in (4, 3, 2, 1, 0)]
    assert not page["pageInfo"]["hasNextPage"]


class TestTextMessages:
    @pytest.fixture
    async def provider(self) -> Any:
        async with providing() as up:
            yield up

    @pytest.fixture
    def given_settings(self, provider: Provider) -> dict[str, Any]:
        return {"sms_gateway": "http", "sms_gateway_options": {"url": provider.url}}

    async def test_a_refused_text_message_is_told_to_staff(
        self, sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person, provider: Provider
    ) -> None:
        respondent = await dr_vos.lets_in(ada)
        await sluis.rows(
            "UPDATE account SET email = NULL, phone = '+31612345678' WHERE name = 'Ada de Vries' RETURNING id"
        )
        provider.answer(400)
        await dr_vos.device.ask(
            "mutation($id: ID!) { replaceLoginCode(respondent: $id) { __typename } }", id=respondent
        )
        await becomes(sluis, "state = 'FAILED' AND channel = 'sms'")
        problem = (await dr_vos.looks_at(respondent))["loginStatus"]["undelivered"]
        assert (problem["channel"], problem["reason"], problem["state"]) == ("sms", "NUMBER_REFUSED", "FAILED")
        assert problem["mutation"] == "replaceLoginCode"
        assert "12345678" not in str(await sees_list(olga))
