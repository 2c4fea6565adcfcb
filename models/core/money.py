"""Amounts of money: whole minor units of a currency, exact on both databases, where SQLite has no decimals."""

from collections.abc import Mapping
from decimal import Decimal

from normalise.amounts import minor_units

_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP
CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
#: How many decimals each currency in use has (ISO 4217, list one, without funds, metals and test codes).
DECIMALS: Mapping[str, int] = {
    code: decimals for decimals, codes in ((2, _TWO), (0, _NONE), (3, _THREE)) for code in codes.split()
}

DEFAULT_CURRENCY = "EUR"


def to_minor(amount: Decimal, currency: str) -> int | None:
    """So many cents, or whatever the currency has; None for no amount, and for more decimals than it has."""
    return minor_units(amount, DECIMALS[currency])


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount with all the decimals of its currency: ``Decimal("12.50")``."""
    return Decimal(minor).scaleb(-DECIMALS[currency])
