"""Documents, parsed and validated once per text."""

from collections import OrderedDict
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

from schema.http.document.introspection import OnlyType, knowing_no_types
from schema.http.document.limits import TooHeavy, check_weight
from schema.http.document.literals import literals_over
from schema.http.transport_rules import DocumentRules
from schema.kit.complexity import complexity

#: What all that is kept takes of the memory: room for 170 documents of 150 tokens each.
_MOST_KEPT_BYTES = 20_000_000
#: The memory of a document, of one token with its part of the tree, and of one character, as measured.
_DOCUMENT_BYTES, _TOKEN_BYTES, _CHARACTER_BYTES = 10_000, 700, 4
#: After so many errors validation ends: each is looked for, and prints the value that it objects to.
MOST_ERRORS = 5


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
    """Parses and validates against one schema under one set of rules; remembers the last good ones within a budget.

    What is bad is not remembered: anybody can make more of it than there is memory.
    """

    def __init__(self, schema: GraphQLSchema, rules: DocumentRules) -> None:
        self._schema, self._rules = schema, rules
        self._validation = (
            *specified_rules,
            MaybeNullValidationRule,
            OneOfInputValidationRule,
            *(() if rules.introspection else (OnlyType,)),
        )
        self._kept: OrderedDict[str, tuple[Prepared, int]] = OrderedDict()
        self._kept_bytes = 0

    def kept(self, text: str) -> Prepared | None:
        """A good document that was prepared before; None for what would have to be."""
        found = self._kept.get(text)
        if found is None:
            return None
        self._kept.move_to_end(text)
        return found[0]

    def get(self, text: str) -> Prepared:
        return self.kept(text) or self._keep(text, self._prepare(text))

    @property
    def kept_bytes(self) -> int:
        """What is remembered takes about so much of the memory."""
        return self._kept_bytes

    def _keep(self, text: str, prepared: Prepared) -> Prepared:
        if prepared.document is not None:
            weight = _DOCUMENT_BYTES + _TOKEN_BYTES * _tokens(prepared.document) + _CHARACTER_BYTES * len(text)
            self._kept[text] = prepared, weight
            self._kept_bytes += weight
            while self._kept_bytes > _MOST_KEPT_BYTES:
                _, (_, oldest) = self._kept.popitem(last=False)
                self._kept_bytes -= oldest
        return prepared

    def _prepare(self, text: str) -> Prepared:
        try:
            document = self._parsed(text)
        except GraphQLError as error:
            return Prepared(None, (error,))
        hide = not self._rules.introspection
        errors = validate(self._schema, document, self._validation, max_errors=MOST_ERRORS, hide_suggestions=hide)
        if not errors and complexity(self._schema, document, self._rules.page) > self._rules.complexity:
            errors = [TooHeavy(f"The document asks for more than {self._rules.complexity} fields, counting each page.")]
        if errors:
            return Prepared(None, tuple(errors))
        return Prepared(document if self._rules.introspection else knowing_no_types(document))

    def _parsed(self, text: str) -> DocumentNode:
        """Raises GraphQLError for what is no document, or a too heavy one."""
        if len(text) > self._rules.characters:
            # Reading a text takes time by its length, whatever is in it.
            raise TooHeavy(f"The document has more than {self._rules.characters} characters; values go in variables.")
        document = parse(text, max_tokens=self._rules.tokens)
        if over := literals_over(document):
            raise TooHeavy(f"The document has {over}.")
        check_weight(document, self._rules)
        return document


def _tokens(document: DocumentNode) -> int:
    token, count = document.loc.start_token if document.loc else None, 0
    while token is not None:
        token, count = token.next, count + 1
    return count
