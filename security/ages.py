"""How old a stored time is, by a clock that may have been set back.

What a stored time grants (a session, a step-up, a challenge, a link, a remembered device) it grants from that time on
until a limit: an age is between nothing and the limit. Else a step-up that was stamped while the clock was ahead would
stay fresh until the clock has caught up.
"""

from datetime import datetime, timedelta

#: By so much the clocks of several servers may differ.
SKEW = timedelta(seconds=10)


def latest_start(now: datetime) -> datetime:
    """What began later than this has not begun yet: a clock was set back since."""
    return now + SKEW


def is_within(began: datetime, now: datetime, limit: timedelta) -> bool:
    """Whether what ``began`` then is not older than the limit, and not of the future."""
    return -SKEW <= now - began < limit
