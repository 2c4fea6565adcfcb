"""GraphQL's objections to a document and its variables, without the values in them.

graphql-core quotes what it objects to, which may be a password, and error messages end up in the logs of clients.
The place and what was expected there stay.
"""

import re

#: "Variable '$input' has invalid value at .login: " and the like; an objection to a value follows.
_PLACE = re.compile(r"(?:Variable|Argument) '[^']*'[^:]* has invalid (?:default )?value[^:]*: ")
_OBJECTION = re.compile(r"Expected (?:a )?value |Value |Enum '\w+' cannot represent |\w+ cannot represent ")
_NO_MEMBER = re.compile(r"Value '.*' does not exist in '(\w+)' enum\.", re.DOTALL)
#: What is quoted stands at the end, behind one of these.
_QUOTE = re.compile(r", but encountered error |, found: |(?<=[.?]) Found: |: ")
_TOKEN = re.compile(r"(String|BlockString|Int|Float) '.*'\.\Z", re.DOTALL)

#: Strawberry's own to a null, which it takes for a programmer's: its types are Python's, enumerations with all members.
_NULL = re.compile(
    r"Expected value of type '.*', found null\. ((?:Field|Argument)(?: '\w+')?) of type 'Maybe\[", re.DOTALL
)


def without_values(message: str) -> str:
    """The message, without any value that the client gave; names of variables, fields and types stay."""
    if message.startswith("Syntax Error: "):
        return _TOKEN.sub(r"\1.", message)
    if null := _NULL.match(message):
        return f"{null[1]} must not be null; leave it out."
    place = _PLACE.match(message)
    if place:
        return place[0] + _unquoted(message[place.end() :])
    return _unquoted(message) if _OBJECTION.match(message) else message


def _unquoted(objection: str) -> str:
    objection = _NO_MEMBER.sub(r"Value does not exist in '\1' enum.", objection)
    said = _QUOTE.split(objection, maxsplit=1)[0]
    return said if said.endswith((".", "?")) else f"{said}."
