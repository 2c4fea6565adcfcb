"""How people, phones and word processors spell the same thing: for each kind, spellings and the one form they have.

None: it is not of that kind. Characters that cannot be seen are escaped.
"""

from collections.abc import Mapping

ARABIC = "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668"
PERSIAN = "\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8"
DEVANAGARI = "\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u096e"
FULL_WIDTH = "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18"

LOGIN_CODES: Mapping[str, str | None] = {
    "12345678": "12345678",
    "1234 5678": "12345678",
    "1234-5678": "12345678",
    "1234\u20115678": "12345678",
    "1234\u22125678": "12345678",
    "1234\u00a05678": "12345678",
    "1234 5678.": "12345678",
    "12.34.56.78": "12345678",
    "\u201c1234 5678\u201d,": "12345678",
    "(1234 5678)": "12345678",
    " 1234\t5678\r\n": "12345678",
    "\u202a1234 5678\u202c": "12345678",
    "\u200e1234\u200f5678\ufeff": "12345678",
    "1234\u00ad5678": "12345678",
    "1234\u200b5678": "12345678",
    "1234\u200c5678\u200d": "12345678",
    f"{ARABIC}": "12345678",
    f"{ARABIC[:4]} {ARABIC[4:]}\u06d4": "12345678",
    f"{PERSIAN}": "12345678",
    f"{DEVANAGARI}\u0964": "12345678",
    f"{FULL_WIDTH}\uff0e": "12345678",
    f"1234{PERSIAN[4:]}": "12345678",
    "": None,
    "1234567": None,
    "123456789": None,
    "1234567a": None,
    "1234,5678": None,
    "-" * 8: None,
    "ada@example.nl": None,
    "12345678@example.nl": None,
    " " * 57 + "12345678": None,
}

ONE_TIME_CODES: Mapping[str, str | None] = {
    "123456": "123456",
    "123 456": "123456",
    "123-456.": "123456",
    "G-123456": None,
    ARABIC[:6]: "123456",
    f"{PERSIAN[:3]} {PERSIAN[3:6]}": "123456",
    FULL_WIDTH[:6]: "123456",
    "\u202a123\u202c\u00a0456": "123456",
    "12345": None,
    "1234567": None,
    "12345\u00e9": None,
}

RECOVERY_CODES: Mapping[str, str | None] = {
    "ABCD-2345-WXYZ": "ABCD2345WXYZ",
    "abcd-2345-wxyz": "ABCD2345WXYZ",
    "abcd 2345 wxyz.": "ABCD2345WXYZ",
    "ABCD\u20132345\u2013WXYZ": "ABCD2345WXYZ",
    "\uff21\uff22\uff23\uff24-\u06f2\u06f3\u06f4\u06f5-WXYZ": "ABCD2345WXYZ",
    "'ABCD-2345-WXYZ'": "ABCD2345WXYZ",
    "ABCD-2345-WXY": None,
    "ABCD-2345-WXY0": None,
    "ABCD-2345-WXYO": None,
    "\u0410BCD-2345-WXYZ": None,  # A Cyrillic capital A.
}

MOBILES: Mapping[str, str | None] = {
    "+31612345678": "+31612345678",
    "+31 6 12345678": "+31612345678",
    "06-12345678": "+31612345678",
    "06 12 34 56 78.": "+31612345678",
    "0031 6 12345678": "+31612345678",
    "+31 (0)6 12345678": "+31612345678",
    "06/12.34.56.78": "+31612345678",
    "+32 475/12.34.56": "+32475123456",
    "\u202a+31 6 12345678\u202c": "+31612345678",
    "\u200e+31\u00a06\u00a01234\u20115678": "+31612345678",
    "\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668": "+31612345678",
    "\uff0b\uff13\uff11 6 12345678": "+31612345678",
    "020 1234567": None,
    "112": None,
    "": None,
    "bel ons": None,
    "+31 6 12345678 ext. 9": None,
    "06-12345678" + " " * 30: None,
}

#: A number to call is kept as it was written.
WRITTEN: Mapping[str, str | None] = {
    "+31 6 12345678": "+31 6 12345678",
    "0475/12.34.56": "0475/12.34.56",
    "(020) 123 45 67": "(020) 123 45 67",
    "14 020": "14 020",
    "112": "112",
    "\u202a020\u20111234567\u202c": "020-1234567",
    "020\u00a01234567": "020 1234567",
    "\u06f0\u06f2\u06f0 \u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7": "020 1234567",
    "(+31) 20 1234567": "(+31) 20 1234567",
    "": None,
    "+": None,
    "()-./": None,
    "20+31": None,
    "020 1234567 ext. 9": None,
    "1" * 19: None,
    "020\x001234567": None,
}

ADDRESSES: Mapping[str, str | None] = {
    "ada@example.nl": "ada@example.nl",
    "Ada@Example.NL": "ada@example.nl",
    " ada@example.nl ": "ada@example.nl",
    "\u00a0ada@example.nl\u00a0": "ada@example.nl",
    "\u202aada@example.nl\u202c": "ada@example.nl",
    "\u200eada@example.nl\u200f\ufeff": "ada@example.nl",
    "ada@b\u00fccher.example": "ada@xn--bcher-kva.example",
    "ada@bu\u0308cher.example": "ada@xn--bcher-kva.example",
    "ada@XN--BCHER-KVA.example": "ada@xn--bcher-kva.example",
    "Chlo\u00e9@example.nl": "chlo\u00e9@example.nl",
    "CHLOE\u0301@example.nl": "chlo\u00e9@example.nl",
    "STRASSE@example.nl": "strasse@example.nl",
    "stra\u00dfe@example.nl": "stra\u00dfe@example.nl",
    "\u0430da@example.nl": None,  # A Cyrillic a.
    "ada@ex\u0430mple.nl": None,
    "a\u00adda@example.nl": None,
    "a\u200dda@example.nl": None,
    "ada@example.nl\n": None,
    "\uff41da@example.nl": None,
    "ada": None,
}

#: As they are stored.
NAMES: Mapping[str, str | None] = {
    "Ada  de\u00a0Vries ": "Ada de Vries",
    "Chloe\u0301": "Chlo\u00e9",
    "\u202eAda\u202c": "Ada",
    "\u200eAda\u200f": "Ada",
    "A\u00adda": "Ada",
    "A\u200bda": "Ada",
    "A\u200cda": "Ada",
    "A\u200dda": "Ada",
    "A\ufe0fda": "Ada",
    "Ada\u3164": "Ada",
    "\u0645\u06cc\u200c\u0646\u0627": "\u0645\u06cc\u200c\u0646\u0627",  # Persian, with its zero-width non-joiner.
    "\u0634\u0dca": "\u0634\u0dca",
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3": "\u0dc1\u0dca\u200d\u0dbb\u0dd3",  # Sinhala: Sri, with its joiner.
    "\u0645\u06cc\u200c": "\u0645\u06cc",
    "\u200c\u0645\u06cc \u200d\u0646\u0627": "\u0645\u06cc \u0646\u0627",
    "\u845b\U000e0100\u57ce": "\u845b\U000e0100\u57ce",  # Japanese, with the variant of a sign.
    "\U0001f469\u200d\u2695\ufe0f": "\U0001f469\u200d\u2695\ufe0f",  # Of a label: a doctor.
    "O\u2019Brien": "O\u2019Brien",
    "J.de Vries": "J.de Vries",
    "Ada\x00": None,
    "Ada\x1b[1m": None,
    "Ada\ue000": None,
    "Ada\ud800": None,
}

SEARCH_KEYS: Mapping[str, str] = {
    "O'Brien": "obrien",
    "O\u2019Brien": "obrien",
    "O\u02bcBrien": "obrien",
    "O\u00b4Brien": "obrien",
    "O`Brien": "obrien",
    "O\uff07BRIEN": "obrien",
    "\u0141ukasz": "lukasz",
    "LUKASZ": "lukasz",
    "Chlo\u00e9": "chloe",
    "Chloe\u0301": "chloe",
    "J\u00f8rgensen": "jorgensen",
    "Stra\u00dfe": "strasse",
    "Anne-Marie": "anne marie",
    "Anne\u2011Marie": "anne marie",
    "Anne\u00a0 Marie": "anne marie",
    "\u0130brahim": "ibrahim",
    "I\u015f\u0131k": "isik",
    "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2": "\u03c3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c3",
    "\uff21\uff44\uff41": "ada",
    "A\u00adda": "ada",
    "A\u200dda": "ada",
    "A\ufe0fda": "ada",
    "\u0645\u06cc\u200c\u0646\u0627": "\u0645\u06cc\u0646\u0627",
    "\u0645\u064a\u0646\u0627": "\u0645\u06cc\u0646\u0627",
    "\u0645\u0640\u064a\u0646\u0627": "\u0645\u06cc\u0646\u0627",
    "\u0643\u0631\u064a\u0645": "\u06a9\u0631\u06cc\u0645",
    "Ward \u0663": "ward 3",
    "\u0301": "",
    "\u200d": "",
    "-": "",
    "'": "",
    "": "",
}

SLUGS: Mapping[str, str | None] = {
    "demo": "demo",
    "Demo": "demo",
    "DE-LINDE": "de-linde",
    "demo ": None,
    "-demo": None,
    "d\u00e9mo": None,
    "\u212aliniek": None,  # The sign for kelvin; its small letter is k.
    "a" * 40: "a" * 40,
    "a" * 41: None,
    "": None,
}

#: Nothing about a password is aside but how its characters are put together.
PASSWORDS: Mapping[str, str] = {
    "vier losse paarden": "vier losse paarden",
    " Vier  losse paarden ": " Vier  losse paarden ",
    "caf\u00e9": "caf\u00e9",
    "cafe\u0301": "caf\u00e9",
    "\uff41": "\uff41",
    "a\u200db": "a\u200db",
}
