"""Amounts of money as text: digits, and decimals behind a full stop. Nothing is guessed and nothing is rounded."""

import re
from decimal import Decimal

# At most thirteen digits and three decimals, which Decimal's arithmetic keeps exactly.
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,3})?", re.ASCII)

NO_AMOUNT = Decimal("NaN")
"""What :func:`read_amount` answers for text that is no amount. It is not finite, and equals nothing."""


def read_amount(text: str) -> Decimal:
    """The amount in ``text``, exactly as many decimals as were typed; ``NO_AMOUNT`` for anything else.

    ASCII digits without leading zeros, without sign, exponent, spaces or separators of thousands: "1,000" and "1.000"
    mean different amounts in different countries, so the first is refused, and the second has three decimals.
    """
    return Decimal(text) if _AMOUNT.fullmatch(text) else NO_AMOUNT


def minor_units(amount: Decimal, decimals: int) -> int | None:
    """``amount`` in units of ``10 ** -decimals``; None where it is not finite or was typed with more decimals."""
    _, _, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or exponent < -decimals:
        return None
    return int(amount.scaleb(decimals))
