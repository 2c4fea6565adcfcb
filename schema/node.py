"""Fetching again by id what was seen before."""

from typing import Annotated

import strawberry

from flows.answers import one_form
from flows.appointment_reading import one_appointment
from flows.reading import one_dossier, one_respondent
from flows.report_reading import one_report
from schema.answers import AnswerForm, shown_form
from schema.appointments import Appointment, shown_appointments
from schema.dossiers import Dossier, shown_dossiers, wanted
from schema.fields import Info, query
from schema.ids import parse_id
from schema.lookahead import Look
from schema.permissions import Who
from schema.relay import Node
from schema.reports import Report, shown_reports
from schema.reports import wanted as reports_wanted
from schema.respondents import Respondent, shown_respondent


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
    look = Look.of(info)
    page = await one_dossier(info.context.house, info.context.caller, identity, wanted(look))
    return next(iter(shown_dossiers(look, page)), None)


async def _respondent(info: Info, identity: str) -> Respondent | None:
    facts = await one_respondent(info.context.house, info.context.caller, identity)
    return shown_respondent(Look.of(info), facts) if facts else None


async def _appointment(info: Info, identity: str) -> Appointment | None:
    seen = await one_appointment(info.context.house, info.context.caller, identity)
    return shown_appointments(info, seen)[0] if seen else None


async def _report(info: Info, identity: str) -> Report | None:
    page = await one_report(info.context.house, info.context.caller, identity, reports_wanted(Look.of(info)))
    return next(iter(shown_reports(info, page)), None)


async def _form(info: Info, identity: str) -> AnswerForm | None:
    opened = await one_form(info.context.house, info.context.caller, identity)
    return shown_form(opened) if opened else None
