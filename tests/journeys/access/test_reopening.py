"""Closing a dossier and opening it again: by the version that was read, after a step-up, letting nobody in."""

from functools import partial

import pytest

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

OPEN = ("Dit dossier is al open.", "This dossier is open already.")


async def test_a_closed_dossier_is_opened_again(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    dossier = await dr_vos.opens_dossier("D-1001")
    await refused(
        sluis, dr_vos, partial(dr_vos.reopens_dossier, dossier["id"], dossier["version"]), "DOSSIER_OPEN", OPEN
    )
    assert (await dr_vos.closes_dossier(dossier["id"], dossier["version"]))["__typename"] == "DossierEnded"
    blockers = (await dr_vos.looks_at(identity))["loginStatus"]["accessBlockers"]
    assert [(one["code"], one["mutation"]) for one in blockers] == [
        ("DOSSIER_CLOSED", "reopenDossier"),
        ("DEACTIVATED", "approveAccess"),
    ]
    assert (await dr_vos.reopens_dossier(dossier["id"]))["__typename"] == "DossierReopened"
    status = (await dr_vos.looks_at(identity))["loginStatus"]
    assert [one["code"] for one in status["accessBlockers"]] == ["DEACTIVATED"], "each access waits for approval"
    sluis.clock.forward(minutes=1)
    assert (await ada.starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    assert (await dr_vos.approves(identity))["__typename"] == "AccessApproved"
    assert (await ada.signs_in())["__typename"] == "SignedIn"
    (row,) = await sluis.rows("SELECT subjects FROM audit_event WHERE event = 'dossier.reopened'")
    assert "Dossier" in str(row["subjects"])


@pytest.mark.security
async def test_closing_needs_a_step_up_and_the_version_that_was_read(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson
) -> None:
    dossier = await dr_vos.opens_dossier("D-1001")
    stale = dossier["version"]
    await dr_vos.renames_dossier(dossier, "Ada Bakker")
    await refused(sluis, dr_vos, partial(dr_vos.closes_dossier, dossier["id"], stale), "CONFLICT")
    assert (await dr_else.closes_dossier(dossier["id"], stale + 1))["code"] == "NOT_FOUND"
    assert (await dr_else.reopens_dossier(dossier["id"], stale + 1))["code"] == "NOT_FOUND"
    sluis.clock.forward(minutes=16)
    await refused(sluis, dr_vos, partial(dr_vos.closes_dossier, dossier["id"], stale + 1), "STEP_UP_REQUIRED")
    await dr_vos.steps_up()
    assert (await dr_vos.closes_dossier(dossier["id"], stale + 1))["__typename"] == "DossierEnded"
    await refused(sluis, dr_vos, partial(dr_vos.reopens_dossier, dossier["id"], stale + 1), "CONFLICT")
    sluis.clock.forward(minutes=16)
    await refused(sluis, dr_vos, partial(dr_vos.reopens_dossier, dossier["id"], stale + 2), "STEP_UP_REQUIRED")
    await dr_vos.steps_up()
    assert (await dr_vos.reopens_dossier(dossier["id"], stale + 2))["__typename"] == "DossierReopened"
