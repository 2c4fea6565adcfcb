"""Entering a video room, and which kinds of rooms there are to book."""

from typing import Annotated

import strawberry

from flows.appointments import video as flow
from flows.refusals import Conflict, JoinRefused, NotFound, VideoUnavailable
from flows.refusals import Refusal as FlowRefusal
from locales import in_language
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import raw_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who

AppointmentId = Annotated[strawberry.ID, strawberry.argument(description="The appointment's id.")]


@shown_to(Who.STAFF)
@strawberry.type(description="A kind of video room that an appointment can be booked with.")
class VideoRoomOption:
    video: str = strawberry.field(description="Its name, for `bookAppointment`.")
    title: str = strawberry.field(description="Its title.")
    takes_link: bool = strawberry.field(
        description="Whether `videoLink` says where the room is, unless the practice has a link of its own."
    )


@discreet
@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The room is open. The address is for this person and expires: do not store it.")
class AppointmentJoined:
    url: str = strawberry.field(description="The address to open in the browser.")


class VideoQueries:
    @query(Who.STAFF)
    async def video_rooms(self, info: Info) -> list[VideoRoomOption]:
        """The ways of meeting by video that this installation has, in its order."""
        languages = info.context.languages
        return [
            VideoRoomOption(video=rooms.name, title=in_language(rooms.title, *languages), takes_link=rooms.takes_link)
            for rooms in info.context.app.video
        ]


class VideoMutations:
    @mutation(Who.SIGNED_IN, answers=(AppointmentJoined,), refuses=(NotFound, JoinRefused, VideoUnavailable, Conflict))
    async def join_appointment(self, info: Info, appointment: AppointmentId) -> object:
        """Enter the video room of an appointment: for those who are expected; of the practice the therapist and
        who was added (`addStaffToAppointment`), who moderate. From 15 minutes before it begins (or as the installation
        says) until it ends."""
        caller = info.context.caller
        assert caller is not None
        joined = await flow.join(info.context.app, caller, raw_id("Appointment", appointment))
        return joined if isinstance(joined, FlowRefusal) else AppointmentJoined(url=joined)
