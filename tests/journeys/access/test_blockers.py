"""What stands between a person and the portal: all of it, in order, and following it leads in from every state."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

PASSWORD = "paarse kikker in de regen"
NEWER = "groene kikker in de zon vandaag"
FACTOR, APPROVAL = ("NO_FACTOR", "RESPONDENT", "beginEnrolment"), ("NOT_APPROVED", "STAFF", "approveAccess")
CHOOSE = ("NO_PASSWORD", "RESPONDENT", "acceptInvitation")


@dataclass
class Way:
    """Ada on her way to the portal, and the staff who help her."""

    sluis: Sluis
    dr_vos: StaffPerson
    olga: StaffPerson
    ada: Person
    respondent: str
    dossier: str
    link: str = ""

    async def stands(self) -> list[Answer]:
        status = (await self.dr_vos.looks_at(self.respondent))["loginStatus"]
        blockers: list[Answer] = status["accessBlockers"]
        return blockers

    async def names(self) -> list[tuple[str, str, str]]:
        return [(one["code"], one["party"], one["mutation"]) for one in await self.stands()]

    async def does(self, mutation: str) -> Answer:
        """The act that a blocker names, by who must act."""
        acts: dict[str, Callable[[], Awaitable[Answer]]] = {
            "updateRespondent": self.writes_address,
            "inviteRespondent": self.invites,
            "approveAccess": lambda: self.dr_vos.approves(self.respondent),
            "giveStarterPassword": self.gives_starter,
            "acceptInvitation": self.accepts,
            "beginEnrolment": self.comes_in,
            "signIn": self.comes_in,
            "reopenDossier": self.reopens,
            "reinstateAccount": lambda: self.olga.reinstates_account(self.respondent),
        }
        return await acts[mutation]()

    async def writes_address(self) -> Answer:
        return await self.dr_vos.gives_email(await self.dr_vos.looks_at(self.respondent), self.ada.own.email)

    async def waits(self, days: int) -> None:
        self.sluis.clock.forward(days=days)
        await self.dr_vos.signs_in()
        await self.olga.signs_in()

    async def invites(self) -> Answer:
        self.sluis.clock.forward(seconds=1)
        invited = await self.dr_vos.invites(self.respondent)
        self.link = await self.ada.gets_link("accept") if "code" not in invited else ""
        return invited

    async def reopens(self) -> Answer:
        return await self.dr_vos.reopens_dossier(self.dossier)

    async def gives_starter(self) -> Answer:
        note = await self.dr_vos.gives_starter_password(self.respondent)
        if "code" not in note:
            self.ada.own.login, self.ada.own.password = note["loginCode"], note["password"]
        return note

    async def accepts(self) -> Answer:
        return await self.ada.accepts(self.link, self.ada.own.password or PASSWORD)

    async def comes_in(self) -> Answer:
        """Sign in and do whatever is asked until one is in."""
        self.sluis.clock.forward(minutes=1)
        person = self.ada.elsewhere()
        self.ada.device = person.device
        step = await person.starts_sign_in()
        for _ in range(6):
            match step["__typename"]:
                case "FactorRequired":
                    step = await person.proves(step, "totp", person.app.code())
                case "EnrolmentRequired":
                    step = await person.sets_up_app(step)
                case "FallbackUnconfirmed":
                    step = await person.keeps_codes(step)
                case "NewPasswordRequired":
                    step = await person.replaces_password(step, NEWER)
                case _:
                    return step
        raise AssertionError(step)


async def nobody_knows_the_address(way: Way) -> None:
    await way.dr_vos.gives_email(await way.dr_vos.looks_at(way.respondent), None)


async def not_invited(_: Way) -> None:
    """The address is written down."""


async def invited(way: Way) -> None:
    await way.invites()


async def invitation_opened(way: Way) -> None:
    await way.invites()
    await way.ada.opens(way.link)


async def invitation_revoked(way: Way) -> None:
    await way.invites()
    await way.dr_vos.revokes_invitation(way.respondent)


async def invitation_expired(way: Way) -> None:
    await way.invites()
    await way.waits(8)


async def accepted(way: Way) -> None:
    await way.invites()
    await way.accepts()


async def factor_set(way: Way) -> None:
    await accepted(way)
    await way.comes_in()


async def approved_and_deactivated(way: Way) -> None:
    await factor_set(way)
    await way.dr_vos.approves(way.respondent)
    await way.dr_vos.deactivates(way.respondent)


async def deactivated_before_a_factor_was_set(way: Way) -> None:
    await accepted(way)
    await way.dr_vos.deactivates(way.respondent)


async def deactivated_without_a_factor_and_invited_again(way: Way) -> None:
    await deactivated_before_a_factor_was_set(way)
    await way.invites()


async def starter_password_given(way: Way) -> None:
    await way.gives_starter()


async def starter_password_expired(way: Way) -> None:
    await way.gives_starter()
    await way.waits(7)


async def starter_password_deactivated(way: Way) -> None:
    await way.gives_starter()
    await way.dr_vos.deactivates(way.respondent)


async def starter_password_deactivated_and_expired(way: Way) -> None:
    await starter_password_deactivated(way)
    await way.waits(7)


async def factors_reset(way: Way) -> None:
    await factor_set(way)
    await way.dr_vos.approves(way.respondent)
    await way.dr_vos.steps_up()
    await way.dr_vos.resets_factors(way.respondent)


async def suspended(way: Way) -> None:
    await factor_set(way)
    await way.olga.suspends_account(way.respondent)


async def dossier_closed(way: Way) -> None:
    await factor_set(way)
    await way.dr_vos.approves(way.respondent)
    await way.dr_vos.closes_dossier(way.dossier)


async def dossier_closed_before_the_invitation_was_used(way: Way) -> None:
    await way.invites()
    await way.dr_vos.closes_dossier(way.dossier)


async def account_closed(way: Way) -> None:
    await factor_set(way)
    await way.dr_vos.approves(way.respondent)
    await way.ada.steps_up()
    await way.ada.closes_account()
    way.ada.own.password = ""


async def account_closed_and_invited_again(way: Way) -> None:
    await account_closed(way)
    await way.invites()


ADDRESS = ("NO_EMAIL_ADDRESS", "STAFF", "updateRespondent")
CLOSED = ("DOSSIER_CLOSED", "STAFF", "reopenDossier")
OPEN = ("INVITATION_OPEN", "RESPONDENT", "acceptInvitation")
UNUSED = ("STARTER_PASSWORD_UNUSED", "RESPONDENT", "signIn")
STATES: dict[Callable[[Way], Awaitable[None]], list[tuple[str, str, str]]] = {
    nobody_knows_the_address: [ADDRESS, ("NOT_INVITED", "STAFF", "inviteRespondent"), CHOOSE, FACTOR, APPROVAL],
    not_invited: [("NOT_INVITED", "STAFF", "inviteRespondent"), CHOOSE, FACTOR, APPROVAL],
    invited: [OPEN, FACTOR, APPROVAL],
    invitation_opened: [OPEN, FACTOR, APPROVAL],
    invitation_revoked: [("INVITATION_REVOKED", "STAFF", "inviteRespondent"), CHOOSE, FACTOR, APPROVAL],
    invitation_expired: [("INVITATION_EXPIRED", "STAFF", "inviteRespondent"), CHOOSE, FACTOR, APPROVAL],
    accepted: [FACTOR, APPROVAL],
    factor_set: [APPROVAL],
    approved_and_deactivated: [("DEACTIVATED", "STAFF", "approveAccess")],
    deactivated_before_a_factor_was_set: [("DEACTIVATED", "STAFF", "inviteRespondent"), FACTOR, APPROVAL],
    deactivated_without_a_factor_and_invited_again: [OPEN, FACTOR, APPROVAL],
    starter_password_given: [UNUSED, FACTOR],
    starter_password_expired: [("STARTER_PASSWORD_EXPIRED", "STAFF", "giveStarterPassword"), FACTOR],
    starter_password_deactivated: [("DEACTIVATED", "STAFF", "giveStarterPassword"), UNUSED, FACTOR],
    starter_password_deactivated_and_expired: [("DEACTIVATED", "STAFF", "giveStarterPassword"), UNUSED, FACTOR],
    factors_reset: [FACTOR, APPROVAL],
    suspended: [("SUSPENDED", "STAFF", "reinstateAccount"), APPROVAL],
    dossier_closed: [CLOSED, ("DEACTIVATED", "STAFF", "approveAccess")],
    dossier_closed_before_the_invitation_was_used: [
        CLOSED,
        ("INVITATION_REVOKED", "STAFF", "inviteRespondent"),
        CHOOSE,
        FACTOR,
        APPROVAL,
    ],
    account_closed: [("ACCOUNT_CLOSED", "STAFF", "inviteRespondent"), CHOOSE, FACTOR, APPROVAL],
    account_closed_and_invited_again: [OPEN, FACTOR, APPROVAL],
}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_what_stands_is_told_in_order_and_leads_in(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person, state: Any
) -> None:
    """The first of the list is done, and so on: none is refused, and the portal is open at the end."""
    respondent = (await dr_vos.finds(ada.own.name))["id"]
    await dr_vos.gives_email(await dr_vos.looks_at(respondent), ada.own.email)
    way = Way(sluis, dr_vos, olga, ada, respondent, (await dr_vos.opens_dossier("D-1001"))["id"])
    await state(way)
    assert await way.names() == STATES[state]
    await dr_vos.steps_up()
    await olga.steps_up()
    for _ in range(8):
        if not (standing := await way.names()):
            break
        answer = await way.does(standing[0][2])
        assert "code" not in answer, (standing[0], answer)
    assert await way.names() == []
    assert (await way.comes_in())["access"] == "APPROVED"
