"""The scalar ``Decimal``: amounts of money, as text."""

from decimal import Decimal

from graphql import FloatValueNode, IntValueNode, StringValueNode, ValueNode
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

from normalise.amounts import NO_AMOUNT, read_amount


def _parse_value(value: object) -> Decimal:
    """Of a variable. A float has been rounded before we see it, so it is no amount."""
    match value:
        case bool():
            pass
        case str() | int():
            return read_amount(str(value))
        case float():
            return NO_AMOUNT
    raise StrawberryInputCoercionError("Value cannot represent a Decimal. Expected a string.")


def _parse_literal(node: ValueNode, _variables: object = None) -> Decimal:
    """Of a value in the document, where the digits are as they were written."""
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        return read_amount(node.value)
    raise StrawberryInputCoercionError("Value cannot represent a Decimal. Expected a string.")


AMOUNT = ScalarDefinition(
    name="Decimal",
    description=(
        "An amount as text: digits, and decimals behind a full stop, such as `95.00`. "
        "Text that is no amount is refused as `InvalidInput` with `problemCode: AMOUNT`, which names the place."
    ),
    specified_by_url=None,
    serialize=str,
    parse_value=_parse_value,
    parse_literal=_parse_literal,
    origin=Decimal,
)
