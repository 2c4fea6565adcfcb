"""Forgetting what is over: finished sign-ins, old challenges, dead sessions, ended windows."""

from datetime import datetime, timedelta

from models.core.attempts import forget_old_counts
from models.core.mailed_link import MailedLink
from models.core.signal import forget_signals
from models.documents.stored_file import forget_unattached
from models.mail.outbox import OutboxMessage, OutboxState, forget_delays
from models.onboarding.prospect import forget_unproven
from models.second_factor.factor import Challenge, FactorEnrolment
from models.signin.login_session import LoginSession, end_expired_sessions
from models.signin.sign_in import SignIn

#: Long enough to look into a complaint, short enough not to hoard where people were.
KEEP = timedelta(days=30)
#: After which a mail that was reported as delayed counts as delivered: relays give up sooner (RFC 5321, 4.5.4.1).
DELAYED = timedelta(days=5)
#: How long an uploaded file may wait to be used for something.
UNATTACHED = timedelta(hours=1)


#: A session without a request ends, unless the installation says otherwise.
IDLE = timedelta(hours=1)


async def tidy(now: datetime, session_idle: timedelta = IDLE) -> None:
    """One round; safe to run in several workers at once."""
    await end_expired_sessions(now, now - session_idle)
    await forget_old_counts(now)
    await forget_signals(now - timedelta(minutes=5))
    await forget_unattached(now - UNATTACHED)
    await Challenge.filter(expires_at__lt=now - timedelta(days=1)).delete()
    await SignIn.filter(expires_at__lt=now - timedelta(days=1)).delete()
    await LoginSession.filter(expires_at__lt=now - KEEP).delete()
    await MailedLink.filter(expires_at__lt=now - KEEP).delete()
    await FactorEnrolment.filter(expires_at__lt=now - timedelta(days=1), role="WAIVER").delete()
    await forget_unproven(now - KEEP)
    await forget_delays(now - DELAYED)
    done = OutboxMessage.filter(done_at__lt=now - KEEP)
    await done.exclude(state=OutboxState.WAITING).delete()
