"""How many fields a document may make the server answer: what a page of a hundred asks for counts a hundred times."""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

_SIZE = "first"


def complexity(schema: GraphQLSchema, document: DocumentNode, page: int) -> int:
    """The fields of all operations of a valid document; pages in pages multiply.

    A page with a variable as its size counts as ``page``, the largest: the document is counted once for all variables.
    """
    info = TypeInfo(schema)
    sizes = _Sizes(info, page)
    visit(document, TypeInfoVisitor(info, sizes))
    return _Count(document, sizes.found).all()


class _Sizes(Visitor):
    """How many objects each field with a ``first`` answers at most."""

    def __init__(self, info: TypeInfo, page: int) -> None:
        super().__init__()
        self.found: dict[int, int] = {}
        self._info, self._page = info, page

    def enter_field(self, node: FieldNode, *_: object) -> None:
        definition = self._info.get_field_def()
        if definition and (argument := definition.args.get(_SIZE)):
            self.found[id(node)] = self._size(node, argument)

    def _size(self, node: FieldNode, argument: GraphQLArgument) -> int:
        given = next((one.value for one in node.arguments or () if one.name.value == _SIZE), None)
        if given is None and isinstance(argument.default_value, int):
            return argument.default_value
        # More than a page is refused when it runs.
        return min(int(given.value), self._page) if isinstance(given, IntValueNode) else self._page


class _Count:
    def __init__(self, document: DocumentNode, sizes: dict[int, int]) -> None:
        self._operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._sizes, self._known = sizes, dict[str, int]()

    def all(self) -> int:
        return sum(self._set(operation.selection_set) for operation in self._operations)

    def _set(self, selected: SelectionSetNode | None) -> int:
        return sum(map(self._selection, selected.selections)) if selected else 0

    def _selection(self, node: object) -> int:
        match node:
            case FieldNode():
                return 1 + max(self._sizes.get(id(node), 1), 1) * self._set(node.selection_set)
            case InlineFragmentNode():
                return self._set(node.selection_set)
            case FragmentSpreadNode():
                return self._fragment(node.name.value)
            case _:
                return 0

    def _fragment(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = self._set(self._fragments[name].selection_set)
        return self._known[name]
