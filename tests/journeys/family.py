"""The people around one dossier: Bram, whom it is about, and his teacher, both with a login."""

from dataclasses import dataclass

from tests.people.cast import Belongings, Person
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis


@dataclass(frozen=True, slots=True)
class Family:
    """The ids are of the dossier and of the respondents; ``carla_id``'s has no login."""

    dossier: str
    bram: Person
    bram_id: str
    teacher: Person
    teacher_id: str
    carla_id: str


async def gathered(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> Family:
    dossier = await dr_vos.opens_dossier("D-1002")
    teacher = Person(sluis, Belongings("Juf Tine", "tine@school.example"), "BEARER")
    await dr_vos.adds_respondent(dossier["id"], teacher.own.name, teacher.own.email, "TEACHER")
    carla = await dr_vos.finds("Carla Jansen")
    return Family(dossier["id"], bram, await dr_vos.lets_in(bram), teacher, await dr_vos.lets_in(teacher), carla["id"])
