"""Respondents' answers to questionnaires: delivered by staff, and shown to the respondents who gave them.

Each form is one sealed document. What was delivered never changes: a correction withdraws it and delivers anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from flows.access.reach import dossier_in_reach, met, respondent, respondent_in_reach, staff
from flows.access.scopes import respondents_with
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.ids import as_uuid
from flows.core.paging import check_size, time_position
from flows.core.texts import clean, lines
from flows.documents.opening_budget import spend, spend_something
from flows.refusals import Conflict, DossierClosed, InvalidInput, NotFound, Problem, ReferenceTaken, Refusal, item
from models import AnswerForm, Scope
from models.core.sealed import ANSWERS
from models.db.database import IntegrityError, transaction
from models.documents.answer_form import forms, forms_of
from models.locks import hold_open

_MOST_GROUPS, _MOST_QUESTIONS, _MOST_ANSWERS = 50, 500, 50
_LONGEST_TITLE, _LONGEST_QUESTION, _LONGEST_ANSWER = 200, 1000, 5000
_OLDEST = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question with what was answered, both as people read them; none is no answer."""

    question: str
    answers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    questions: Sequence[AnsweredQuestion]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is delivered, in the order in which it is shown; ``repr`` shows no answers."""

    respondent_id: str
    reference: str
    completed_at: datetime
    title: str = field(repr=False)
    groups: Sequence[Group] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedForm:
    """A stored form with what was sealed in it."""

    stored: AnswerForm
    title: str = field(repr=False)
    groups: Sequence[Group] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form completed last first."""

    forms: Sequence[OpenedForm]
    has_next: bool


@dataclass(frozen=True, slots=True)
class FormQuery:
    """A dossier's forms, or one respondent's; ``withdrawn`` None means both."""

    dossier_id: str
    respondent_id: str | None
    first: int
    after: str | None = None
    withdrawn: bool | None = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """``again``: this very form had been delivered before, and is as it was."""

    form: OpenedForm
    again: bool


async def deliver(app: AppContext, caller: Caller | None, delivery: Delivery) -> Delivered | Refusal:
    """Store a form, once for each reference. Raises NotFound and InvalidInput."""
    member = staff(caller)
    person = await respondent_in_reach(member, delivery.respondent_id)
    reference = clean("reference", delivery.reference, 60)
    completed_at = _past("completedAt", delivery.completed_at, app.now)
    content = _content(delivery)
    identity = uuid4()
    form = AnswerForm(
        id=identity,
        practice_id=person.practice_id,
        dossier_id=person.dossier_id,
        respondent_id=person.id,
        reference=reference,
        completed_at=completed_at,
        delivered_by_id=member.staff_id,
        delivered_at=app.now,
        content=app.keys.seal(orjson.dumps(content), *ANSWERS.place(person.practice_id, identity)),
    )
    if earlier := await AnswerForm.get_or_none(practice_id=person.practice_id, reference=reference):
        return await _same(app, member, earlier, form, content)
    try:
        async with transaction():
            if not await hold_open(person.dossier_id):
                return DossierClosed()
            await form.save()
            await audit.record(app, member, "answers.delivered", *_about(form))
            await app.signals.publish(f"dossier:{form.dossier_id}")
    except IntegrityError:
        # Somebody delivered under this reference at the same moment.
        earlier = await AnswerForm.get(practice_id=person.practice_id, reference=reference)
        return await _same(app, member, earlier, form, content)
    return Delivered(await _shown(app, form.id), again=False)


async def _same(
    app: AppContext, member: Caller, earlier: AnswerForm, form: AnswerForm, content: dict[str, Any]
) -> Delivered | Refusal:
    """The earlier form if it is the same; its respondent is in reach, being the new one's."""
    same = (earlier.respondent_id, earlier.completed_at) == (form.respondent_id, form.completed_at)
    if not same or _opened(app, earlier) != content:
        return await met(member, ReferenceTaken(), earlier.dossier_id)
    await audit.record(app, member, "answers.read", *_about(earlier))
    return Delivered(await _shown(app, earlier.id), again=True)


async def withdraw(app: AppContext, caller: Caller | None, form_id: str, reason: str) -> OpenedForm | Refusal:
    """Show a form to nobody but staff any more, for a reason; it is kept, and its reference stays taken."""
    member = staff(caller)
    form = await _in_reach(member, form_id)
    why = clean("reason", reason, 200)
    async with transaction():
        changed = AnswerForm.filter(id=form.id, withdrawn_at=None)
        if not await changed.update(withdrawn_at=app.now, withdrawn_reason=why):
            return Conflict()
        await audit.record(app, member, "answers.withdrawn", *_about(form), details={"reason": why})
        await app.signals.publish(f"dossier:{form.dossier_id}")
    return await _shown(app, form.id)


async def form_page(app: AppContext, caller: Caller | None, asked: FormQuery) -> FormPage:
    """A dossier's forms for staff: as many statements however many.

    Raises NotFound, BadCursor, PageTooLarge, AnswerTooLarge.
    """
    member = staff(caller)
    check_size(app, asked.first)
    after = time_position(asked.after)
    spend_something()
    dossier = await dossier_in_reach(member, asked.dossier_id)
    where: dict[str, Any] = {} if asked.withdrawn is None else {"withdrawn_at__isnull": not asked.withdrawn}
    if asked.respondent_id is not None:
        where["respondent_id"] = asked.respondent_id
    found = await forms(member.practice_id, asked.first + 1, after, dossier_id=dossier.id, **where)
    shown = found[: asked.first]
    spend(sum(len(form.content) for form in shown))
    about = (("AnswerForm", form.id) for form in shown)
    await audit.record(app, member, "answers.listed", ("Dossier", dossier.id), *about)
    return FormPage(await _all_opened(app, shown), len(found) > asked.first)


async def one_form(app: AppContext, caller: Caller | None, form_id: str) -> OpenedForm | None:
    """A form within reach of staff, or None: foreign, forbidden and unknown are one. Raises AnswerTooLarge."""
    member = staff(caller)
    try:
        form = await _in_reach(member, form_id)
    except NotFound as no:
        await audit.record(app, member, "answers.read", *audit.denied(no), ("AnswerForm", form_id), outcome="REFUSED")
        return None
    spend(len(form.content))
    await audit.record(app, member, "answers.read", *_about(form))
    return await _shown(app, form.id)


async def own_forms(app: AppContext, caller: Caller | None, first: int, after: str | None) -> FormPage:
    """What the caller answered.

    Raises NotSignedIn, NotAllowed, AwaitingApproval, BadCursor, PageTooLarge, AnswerTooLarge.
    """
    person = respondent(caller)
    check_size(app, first)
    position = time_position(after)
    spend_something()
    givers = [one.id for one in await respondents_with(person, Scope.ANSWERS)]
    found = await forms_of(person.practice_id, givers, first + 1, position)
    shown = found[:first]
    spend(sum(len(form.content) for form in shown))
    dossiers = {form.dossier_id for form in shown}
    about = [*(("Dossier", one) for one in dossiers), *(("AnswerForm", form.id) for form in shown)]
    await audit.record(app, person, "answers.listed", *about)
    return FormPage(await _all_opened(app, shown), len(found) > first)


async def _in_reach(member: Caller, form_id: str) -> AnswerForm:
    identity = as_uuid(form_id)
    form = await AnswerForm.get_or_none(id=identity, practice_id=member.practice_id) if identity else None
    if form is None:
        raise NotFound
    await dossier_in_reach(member, str(form.dossier_id))
    return form


async def _shown(app: AppContext, form_id: UUID) -> OpenedForm:
    form = await AnswerForm.get(id=form_id).select_related("respondent__dossier", "delivered_by")
    return opened_form(app, form)


async def _all_opened(app: AppContext, forms: Sequence[AnswerForm]) -> list[OpenedForm]:
    # Up to 20 MB of seals in one request: others wait for none of it.
    return await asyncio.to_thread(lambda: [opened_form(app, form) for form in forms])


def opened_form(app: AppContext, form: AnswerForm) -> OpenedForm:
    """Raises security.keys.CannotOpen for a row that was moved or changed."""
    content = _opened(app, form)
    groups = [
        Group(group["title"], [AnsweredQuestion(one["question"], one["answers"]) for one in group["questions"]])
        for group in content["groups"]
    ]
    return OpenedForm(form, content["title"], groups)


def _opened(app: AppContext, form: AnswerForm) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(app.keys.open(form.content, *ANSWERS.place(form.practice_id, form.id)))
    return content


def _content(delivery: Delivery) -> dict[str, Any]:
    """What is sealed, of sane size. Raises InvalidInput."""
    title = clean("title", delivery.title, _LONGEST_TITLE)
    _count("groups", delivery.groups, _MOST_GROUPS)
    _count("questions", [one for group in delivery.groups for one in group.questions], _MOST_QUESTIONS)
    groups = [_group(index, group) for index, group in enumerate(delivery.groups)]
    return {"title": title, "groups": [asdict(group) for group in groups]}


def _group(index: int, group: Group) -> Group:
    with item("groups", index):
        title = clean("title", group.title, _LONGEST_TITLE, required=False)
        return Group(title, [_question(index, one) for index, one in enumerate(group.questions)])


def _question(index: int, one: AnsweredQuestion) -> AnsweredQuestion:
    with item("questions", index):
        _count("answers", one.answers, _MOST_ANSWERS, required=False)
        answers = [_answer(index, answer) for index, answer in enumerate(one.answers)]
        return AnsweredQuestion(lines("question", one.question, _LONGEST_QUESTION), answers)


def _answer(index: int, text: str) -> str:
    with item("answers", index):
        return lines("answers", text, _LONGEST_ANSWER, required=False)


def _count(name: str, many: Sequence[object], most: int, *, required: bool = True) -> None:
    if required and not many:
        raise InvalidInput(name, Problem.MISSING)
    if len(many) > most:
        raise InvalidInput(name, Problem.TOO_MANY, most)


def _past(name: str, moment: datetime, now: datetime) -> datetime:
    if moment.tzinfo is None or not _OLDEST <= moment <= now:
        raise InvalidInput(name, Problem.PAST_MOMENT)
    return moment.astimezone(UTC)


def _about(form: AnswerForm) -> tuple[tuple[str, object], ...]:
    return (("Dossier", form.dossier_id), ("Respondent", form.respondent_id), ("AnswerForm", form.id))
