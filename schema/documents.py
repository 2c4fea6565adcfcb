"""Documents, parsed and validated once per text."""

from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.complexity import complexity
from schema.introspection import OnlyType, knowing_no_types
from schema.limits import TooHeavy, check_weight
from schema.transport_rules import DocumentRules

_KEPT = 512
#: Longer texts are prepared each time, so that strangers can't fill the memory with them.
_LONGEST_KEPT = 16_384


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to run, or why there is none."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation of that name, or the only one; None if the document doesn't tell which."""
        return get_operation_ast(self.document, name) if self.document else None


@lru_cache(8)
def documents_of(schema: GraphQLSchema, rules: DocumentRules) -> "Documents":
    """Those of this schema under these rules: every app of a process that has both shares them."""
    return Documents(schema, rules)


class Documents:
    """Parses and validates against one schema under one set of rules; remembers the last 512 texts."""

    def __init__(self, schema: GraphQLSchema, rules: DocumentRules) -> None:
        self._schema, self._rules = schema, rules
        self._validation = (
            *specified_rules,
            MaybeNullValidationRule,
            OneOfInputValidationRule,
            *(() if rules.introspection else (OnlyType,)),
        )
        self._kept = lru_cache(_KEPT)(self._prepare)

    def get(self, text: str) -> Prepared:
        return self._kept(text) if len(text) <= _LONGEST_KEPT else self._prepare(text)

    def _prepare(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=self._rules.tokens)
            check_weight(document, self._rules)
        except GraphQLError as error:
            return Prepared(None, (error,))
        errors = validate(self._schema, document, self._validation, hide_suggestions=not self._rules.introspection)
        if not errors and complexity(self._schema, document, self._rules.page) > self._rules.complexity:
            errors = [TooHeavy(f"The document asks for more than {self._rules.complexity} fields, counting each page.")]
        if errors:
            return Prepared(None, tuple(errors))
        return Prepared(document if self._rules.introspection else knowing_no_types(document))
