"""Fetching again by id what was seen before."""

from typing import Annotated

import strawberry

from flows.appointments.appointment_reading import one_appointment
from flows.documents.answers import one_form
from flows.documents.report_reading import one_report
from flows.dossiers.reading import one_dossier, one_respondent
from schema.appointments.appointments import Appointment, shown_appointments
from schema.documents.answers import AnswerForm, shown_form
from schema.documents.reports import Report, shown_reports
from schema.documents.reports import selected_parts as reports_wanted
from schema.dossiers.dossiers import Dossier, selected_parts, shown_dossiers
from schema.dossiers.respondents import Respondent, shown_respondent
from schema.kit.fields import Info, query
from schema.kit.ids import parse_id
from schema.kit.lookahead import Selection
from schema.kit.permissions import Who
from schema.kit.relay import Node


class NodeQueries:
    @query(Who.STAFF)
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The node's id.")],  # noqa: A002
    ) -> Node | None:
        """What is within reach; null for an id that is foreign, forbidden, unknown or none at all."""
        match parse_id(id):
            case ("Dossier", identity):
                return await _dossier(info, identity)
            case ("Respondent", identity):
                return await _respondent(info, identity)
            case ("Appointment", identity):
                return await _appointment(info, identity)
            case ("Report", identity):
                return await _report(info, identity)
            case ("AnswerForm", identity):
                return await _form(info, identity)
            case _:
                return None


async def _dossier(info: Info, identity: str) -> Dossier | None:
    look = Selection.of(info)
    page = await one_dossier(info.context.app, info.context.caller, identity, selected_parts(look))
    return next(iter(shown_dossiers(look, page)), None)


async def _respondent(info: Info, identity: str) -> Respondent | None:
    facts = await one_respondent(info.context.app, info.context.caller, identity)
    return shown_respondent(Selection.of(info), facts) if facts else None


async def _appointment(info: Info, identity: str) -> Appointment | None:
    seen = await one_appointment(info.context.app, info.context.caller, identity)
    return shown_appointments(info, seen)[0] if seen else None


async def _report(info: Info, identity: str) -> Report | None:
    page = await one_report(info.context.app, info.context.caller, identity, reports_wanted(Selection.of(info)))
    return next(iter(shown_reports(info, page)), None)


async def _form(info: Info, identity: str) -> AnswerForm | None:
    opened = await one_form(info.context.app, info.context.caller, identity)
    return shown_form(opened) if opened else None
