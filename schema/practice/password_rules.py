"""How long a password must be, told before somebody types one."""

import strawberry

from flows.signin.passwords import LONGEST
from schema.kit.fields import shown_to
from schema.kit.permissions import Who

PASSWORD_RULES = "How long a password must be today. Length matters, and how easy it is to guess: no other rules."  # noqa: S105


@shown_to(Who.ANYONE)
@strawberry.type(description="How many characters (Unicode code points after NFC) a password has.")
class PasswordRules:
    minimum: int = strawberry.field(description="The fewest: fewer where a second factor is required as well.")
    maximum: int = strawberry.field(default=LONGEST, description="The most.")
