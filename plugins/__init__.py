'''All that a second factor, an SMS gateway or a video room is built from; its author imports nothing else of ours.

A whole factor, in a file of its own::

    import hmac
    from collections.abc import Sequence

    import strawberry

    from plugins import (
        Accepted,
        AnyFactor,
        Challenged,
        Contribution,
        Desk,
        EnrolmentBegun,
        EnrolmentConfirmed,
        EnrolmentStart,
        Factor,
        Reason,
        Refused,
        State,
        hookimpl,
        typed_code,
    )


    @strawberry.type
    class WordEnrolment(EnrolmentStart):
        word: str


    @strawberry.input
    class WordProof:
        word: str


    class WordState(State):
        word: str


    class Word(Factor[WordState, WordProof]):
        """A secret word: far too weak for use, and all a factor needs."""

        name = "word"
        title = {"en": "Secret word", "nl": "Geheim woord"}
        explanation = {"en": "A word that you remember.", "nl": "Een woord dat u onthoudt."}
        State = WordState
        graphql = Contribution(proof=WordProof, enrolment=WordEnrolment)

        async def begin_enrolment(
            self, desk: Desk, states: Sequence[WordState], request: None
        ) -> EnrolmentBegun[WordState]:
            word = desk.choose("abcdefghijkmnopqrstuvwxyz", 12)
            return EnrolmentBegun(WordState(word=word), public={"word": word})

        async def confirm_enrolment(
            self, desk: Desk, pending: WordState, challenge: Challenged, proof: WordProof
        ) -> EnrolmentConfirmed[WordState] | Refused:
            verdict = await self.verify(desk, pending, challenge, proof)
            return verdict if isinstance(verdict, Refused) else EnrolmentConfirmed(verdict.state)

        async def verify(
            self, desk: Desk, state: WordState, challenge: Challenged, proof: WordProof
        ) -> Accepted[WordState] | Refused:
            word = typed_code(proof.word)
            if word is None:
                return Refused(Reason.MALFORMED)
            if hmac.compare_digest(state.word, word):
                return Accepted(state)
            return Refused(Reason.WRONG)


    @hookimpl
    def portal_factors() -> list[type[AnyFactor]]:
        return [Word]

It is found by an entry point of the group ``sluis`` and switched on by its name in ``plugins``.
A gateway is in :mod:`plugins.sms`, video rooms in :mod:`plugins.video`. Versioned: :data:`CONTRACT`.
'''

from locales import every, in_language, shown_date, text
from normalise.codes import read_code, typed_code
from normalise.phones import mobile_number
from plugins.contract import (
    CONTRACT,
    Accepted,
    AnyFactor,
    Challenged,
    Config,
    EnrolmentBegun,
    EnrolmentConfirmed,
    Factor,
    Issued,
    Opened,
    Reason,
    Refused,
    Role,
    State,
    Unusable,
)
from plugins.desk import Desk, NotSent
from plugins.gateways import build_gateway, check_channels
from plugins.graphql import Contribution, EnrolmentStart, FactorChallenge, FallbackIssue
from plugins.hookspecs import hookimpl
from plugins.loading import PluginProblem
from plugins.registry import Registry, build_registry, load_factors
from plugins.sms import SecureUrl, SmsGateway, SmsRefused, SmsSent
from plugins.video import VideoRooms, VideoVisit
from plugins.video_rooms import VideoRegistry, build_video_rooms

__all__ = [
    "CONTRACT",
    "Accepted",
    "AnyFactor",
    "Challenged",
    "Config",
    "Contribution",
    "Desk",
    "EnrolmentBegun",
    "EnrolmentConfirmed",
    "EnrolmentStart",
    "Factor",
    "FactorChallenge",
    "FallbackIssue",
    "Issued",
    "NotSent",
    "Opened",
    "PluginProblem",
    "Reason",
    "Refused",
    "Registry",
    "Role",
    "SecureUrl",
    "SmsGateway",
    "SmsRefused",
    "SmsSent",
    "State",
    "Unusable",
    "VideoRegistry",
    "VideoRooms",
    "VideoVisit",
    "build_gateway",
    "build_registry",
    "build_video_rooms",
    "check_channels",
    "every",
    "hookimpl",
    "in_language",
    "load_factors",
    "mobile_number",
    "read_code",
    "shown_date",
    "text",
    "typed_code",
]
