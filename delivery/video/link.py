"""A room that is there already: its address is typed at the booking, or is the practice's own."""

from plugins import VideoRooms, VideoVisit, every, hookimpl


class Link(VideoRooms):
    """Hands out the same address to all; its owner decides whether it lets strangers in."""

    name = "link"
    title = every("video.link.title")
    takes_link = True

    async def join(self, visit: VideoVisit) -> str:
        return visit.link


@hookimpl
def portal_video_rooms() -> list[type[VideoRooms]]:
    return [Link]
