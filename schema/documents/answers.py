"""The answers to questionnaires: delivered by staff, shown to staff and to the respondent who gave them."""

from datetime import datetime
from typing import Annotated

import strawberry

from flows.core.paging import cursor_of
from flows.documents import answers as flow
from flows.documents.answers import AnsweredQuestion as FlowQuestion
from flows.documents.answers import Delivery, FormPage, FormQuery, OpenedForm
from flows.documents.answers import Group as FlowGroup
from flows.refusals import Conflict, DossierClosed, InvalidInput, NotFound, ReferenceTaken
from flows.refusals import Refusal as FlowRefusal
from models import Relation
from schema.kit.arguments import GIVEN, After, DossierId, First
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id, raw_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.kit.relay import Node, PageInfo, page_info


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A question and what was answered.")
class AnsweredQuestion:
    question: str = strawberry.field(description="The question as it was asked.")
    answers: list[str] = strawberry.field(description="The answers as text; none where nothing was answered.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="Questions that belong together.")
class AnswerGroup:
    title: str = strawberry.field(description="What they are about; empty where the questionnaire has no groups.")
    questions: list[AnsweredQuestion] = strawberry.field(description="The questions, in order.")


@shown_to(Who.STAFF)
@strawberry.type(description="A respondent's answers to a questionnaire, as staff see them.")
class AnswerForm(Node):
    title: str = strawberry.field(description="The questionnaire's title.")
    reference: str = strawberry.field(description="The sender's reference, unique in the practice.")
    respondent: strawberry.ID = strawberry.field(description="The respondent's id.")
    respondent_name: str = strawberry.field(description="The name of the respondent who gave the answers.")
    relation: Relation = strawberry.field(description="What the respondent is to the client.")
    completed_at: datetime = strawberry.field(description="When it was filled in.")
    delivered_at: datetime = strawberry.field(description="When it was delivered here.")
    delivered_by: str | None = strawberry.field(description="The member of staff who delivered it.")
    withdrawn_at: datetime | None = strawberry.field(
        description="When it was withdrawn; since then only staff see it. Null otherwise."
    )
    withdrawn_reason: str = strawberry.field(description="Why it was withdrawn; empty otherwise.")
    groups: list[AnswerGroup] = strawberry.field(description="The answers, in order.")


@shown_to(Who.STAFF)
@strawberry.type(description="A form's place in the list.")
class AnswerFormEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this form.")
    node: AnswerForm = strawberry.field(description="The form.")


@shown_to(Who.STAFF)
@strawberry.type(description="One page of a dossier's forms.")
class AnswerFormConnection:
    edges: list[AnswerFormEdge] = strawberry.field(description="The forms, the one filled in last first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="The caller's own answers to a questionnaire.")
class OwnAnswers:
    id: strawberry.ID = strawberry.field(description="Unique among forms.")
    title: str = strawberry.field(description="The questionnaire's title.")
    about: str = strawberry.field(description="The name of the client whom it is about.")
    completed_at: datetime = strawberry.field(description="When it was filled in.")
    groups: list[AnswerGroup] = strawberry.field(description="The answers, in order.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="A form's place in the list.")
class OwnAnswersEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this form.")
    node: OwnAnswers = strawberry.field(description="The form.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="One page of the caller's own answers.")
class OwnAnswersConnection:
    edges: list[OwnAnswersEdge] = strawberry.field(description="The forms, the one filled in last first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


def shown_form(opened: OpenedForm) -> AnswerForm:
    stored = opened.stored
    return AnswerForm(
        id=node_id("AnswerForm", stored.id),
        title=opened.title,
        reference=stored.reference,
        respondent=node_id("Respondent", stored.respondent_id),
        respondent_name=stored.respondent.name,
        relation=stored.respondent.relation,
        completed_at=stored.completed_at,
        delivered_at=stored.delivered_at,
        delivered_by=stored.delivered_by.name if stored.delivered_by else None,
        withdrawn_at=stored.withdrawn_at,
        withdrawn_reason=stored.withdrawn_reason,
        groups=_groups(opened),
    )


def _own(opened: OpenedForm) -> OwnAnswers:
    return OwnAnswers(
        id=node_id("AnswerForm", opened.stored.id),
        title=opened.title,
        about=opened.stored.respondent.dossier.name,
        completed_at=opened.stored.completed_at,
        groups=_groups(opened),
    )


def _groups(opened: OpenedForm) -> list[AnswerGroup]:
    return [AnswerGroup(title=group.title, questions=_questions(group)) for group in opened.groups]


def _questions(group: FlowGroup) -> list[AnsweredQuestion]:
    return [AnsweredQuestion(question=one.question, answers=list(one.answers)) for one in group.questions]


def _cursors(page: FormPage) -> list[str]:
    return [cursor_of(one.stored.completed_at.isoformat(), str(one.stored.id)) for one in page.forms]


class AnswerQueries:
    @query(Who.STAFF)
    async def answers(
        self,
        info: Info,
        dossier: DossierId,
        respondent: Annotated[
            strawberry.ID | None, strawberry.argument(description="One respondent's only; null: everyone's.")
        ] = None,
        first: First = 25,
        after: After = None,
        withdrawn: Annotated[bool | None, strawberry.argument(description="Withdrawn ones; null: all.")] = False,
    ) -> AnswerFormConnection:
        """What the respondents of a dossier answered, the form filled in last first."""
        giver = raw_id("Respondent", respondent) if respondent is not None else None
        query = FormQuery(raw_id("Dossier", dossier), giver, first, after, withdrawn)
        page = await flow.form_page(info.context.app, info.context.caller, query)
        cursors = _cursors(page)
        edges = [
            AnswerFormEdge(cursor=cursor, node=shown_form(one)) for cursor, one in zip(cursors, page.forms, strict=True)
        ]
        return AnswerFormConnection(edges=edges, page_info=page_info(cursors, after, has_next=page.has_next))

    @query(Who.RESPONDENT)
    async def my_answers(self, info: Info, first: First = 25, after: After = None) -> OwnAnswersConnection:
        """What one answered to questionnaires oneself, the form filled in last first."""
        page = await flow.own_forms(info.context.app, info.context.caller, first, after)
        cursors = _cursors(page)
        edges = [OwnAnswersEdge(cursor=cursor, node=_own(one)) for cursor, one in zip(cursors, page.forms, strict=True)]
        return OwnAnswersConnection(edges=edges, page_info=page_info(cursors, after, has_next=page.has_next))


@discreet
@strawberry.input(description="A question and what was answered.")
class AnsweredQuestionInput:
    question: str = strawberry.field(description="Up to 1 000 characters.")
    answers: list[str] = strawberry.field(description="The answers as text, at most 50 of up to 5 000 characters.")
    order: int = strawberry.field(default=0, description="Lower ones come first; equal ones as they are listed.")


@discreet
@strawberry.input(description="Questions that belong together.")
class AnswerGroupInput:
    title: str = strawberry.field(default="", description="Up to 200 characters; empty where there are no groups.")
    questions: list[AnsweredQuestionInput] = strawberry.field(description="At most 500 in the whole form.")
    order: int = strawberry.field(default=0, description="Lower ones come first; equal ones as they are listed.")


@discreet
@strawberry.input(description="A questionnaire that a respondent filled in elsewhere.")
class DeliverAnswersInput:
    respondent: strawberry.ID = strawberry.field(description="The id of the respondent who gave the answers.")
    reference: str = strawberry.field(
        description="What the sender calls it, up to 60 characters, once in the practice: delivering it again is safe."
    )
    title: str = strawberry.field(description="The questionnaire's title, up to 200 characters.")
    completed_at: datetime = strawberry.field(description="When it was filled in; with an offset, not in the future.")
    groups: list[AnswerGroupInput] = strawberry.field(description="The answers, at most 50 groups.")


@shown_to(Who.STAFF)
@strawberry.interface(description="A change of a form of answers.")
class AnswersChanged:
    form: AnswerForm = strawberry.field(description="The form as it is now.")


@shown_to(Who.STAFF)
@strawberry.type(description="The answers are in the dossier. The respondent who gave them sees them too.")
class AnswersDelivered(AnswersChanged):
    again: bool = strawberry.field(description="Whether the same form was delivered before; it is unchanged then.")


@shown_to(Who.STAFF)
@strawberry.type(description="Only staff see the answers now. They are kept, and their reference cannot be used again.")
class AnswersWithdrawn(AnswersChanged):
    pass


class AnswerMutations:
    @mutation(Who.STAFF, answers=(AnswersDelivered,), refuses=(NotFound, InvalidInput, ReferenceTaken, DossierClosed))
    async def deliver_answers(self, info: Info, given: Annotated[DeliverAnswersInput, GIVEN]) -> object:
        """Add the answers to a questionnaire to a dossier."""
        delivery = Delivery(
            respondent_id=raw_id("Respondent", given.respondent),
            reference=given.reference,
            completed_at=given.completed_at,
            title=given.title,
            groups=[_group(one) for one in sorted(given.groups, key=lambda one: one.order)],
        )
        delivered = await flow.deliver(info.context.app, info.context.caller, delivery)
        if isinstance(delivered, FlowRefusal):
            return delivered
        return AnswersDelivered(form=shown_form(delivered.form), again=delivered.again)

    @mutation(Who.STAFF, answers=(AnswersWithdrawn,), refuses=(NotFound, InvalidInput, Conflict))
    async def withdraw_answers(
        self,
        info: Info,
        form: Annotated[strawberry.ID, strawberry.argument(description="The form's id.")],
        reason: Annotated[str, strawberry.argument(description="Why; up to 200 characters, kept and audited.")],
    ) -> object:
        """Withdraw answers from the respondent who gave them. To correct answers, deliver them again under another
        reference.
        """
        app, caller = info.context.app, info.context.caller
        withdrawn = await flow.withdraw(app, caller, raw_id("AnswerForm", form), reason)
        return withdrawn if isinstance(withdrawn, FlowRefusal) else AnswersWithdrawn(form=shown_form(withdrawn))


def _group(given: AnswerGroupInput) -> FlowGroup:
    ordered = sorted(given.questions, key=lambda one: one.order)
    return FlowGroup(given.title, [FlowQuestion(one.question, one.answers) for one in ordered])
