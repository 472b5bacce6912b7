"""What one Python source says: names resolved through imports, values folded, order kept.

Positions are those of `ast`: lines from 1, columns in UTF-8 bytes from 0. In a notebook the lines
run on from cell to cell; `records.Notebook` maps them back.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

CollectionKind: TypeAlias = Literal["tuple", "list", "set"]
Guard: TypeAlias = Literal["", "try", "typing"]
ParameterKind: TypeAlias = Literal["positional", "normal", "keyword", "args", "kwargs"]
ScopeKind: TypeAlias = Literal["module", "class", "function", "lambda"]
BlockKind: TypeAlias = Literal[
    "body", "if", "else", "for", "while", "loop-else", "with", "try", "except", "finally",
    "case", "comprehension",
]  # fmt: skip
StatementKind: TypeAlias = Literal[
    "return", "raise", "assert", "yield", "expression", "break", "continue"
]


class Value(Struct, frozen=True, gc=False, array_like=True, tag=True):
    """What an expression stands for, as far as this file alone tells."""


class Const(Value, frozen=True, gc=False, array_like=True, tag="c"):
    """A literal, or an expression of literals that was folded."""

    value: bool | int | float | str | None


class Global(Value, frozen=True, gc=False, array_like=True, tag="g"):
    """A dotted name that starts at an import or a builtin: `numpy.random.rand`.

    A relative import keeps its dots: `.helpers.set_seed`.
    """

    name: str


class Local(Value, frozen=True, gc=False, array_like=True, tag="l"):
    """A dotted name that starts at a name bound in this file: `frame`, `self.rng`."""

    name: str


class Result(Value, frozen=True, gc=False, array_like=True, tag="r"):
    """What the call with this index in `PythonFacts.calls` returned."""

    call: int


class Attribute(Value, frozen=True, gc=False, array_like=True, tag="a"):
    """An attribute of something that is no plain name: `f(x).shape`."""

    base: AnyValue
    name: str


class Item(Value, frozen=True, gc=False, array_like=True, tag="i"):
    """`base[index]`; also the part of `base` that a name gets when it is unpacked."""

    base: AnyValue
    index: AnyValue


class Slice(Value, frozen=True, gc=False, array_like=True, tag="s"):
    lower: AnyValue
    upper: AnyValue
    step: AnyValue


class Collection(Value, frozen=True, gc=False, array_like=True, tag="t"):
    kind: CollectionKind
    items: tuple[AnyValue, ...]


class Mapping(Value, frozen=True, gc=False, array_like=True, tag="m"):
    """A dict display. The key of `**other` is None."""

    keys: tuple[AnyValue | None, ...]
    values: tuple[AnyValue, ...]


class Operation(Value, frozen=True, gc=False, array_like=True, tag="o"):
    """Anything computed from other values. `kind` is the operator or the construct.

    `+ - * / // % ** @ & | ^ << >>`, `and or not neg`, comparisons `== != < <= > >= in not-in is
    is-not` (a chain is an `and` of them), `if` (condition, then, else), `format` (parts of an
    f-string), `*` with one operand (unpacking), `comprehension` (element, iterables ...), `await`.
    """

    kind: str
    operands: tuple[AnyValue, ...]


class Function(Value, frozen=True, gc=False, array_like=True, tag="f"):
    """A lambda, by the index of its scope."""

    scope: int


class Secret(Value, frozen=True, gc=False, array_like=True, tag="x"):
    """A string literal that may be a credential. The text itself is never kept."""

    prefix: str
    length: int
    digest: str
    """Salted and short: tells two secrets apart, gives none away."""
    entropy: float
    """Shannon entropy in bits per character."""
    placeholder: bool
    """Looks like an example: `xxx`, `changeme`, `<token>`, `${TOKEN}`."""


class Unknown(Value, frozen=True, gc=False, array_like=True, tag="u"):
    """Not known statically."""


AnyValue: TypeAlias = (
    Const
    | Global
    | Local
    | Result
    | Attribute
    | Item
    | Slice
    | Collection
    | Mapping
    | Operation
    | Function
    | Secret
    | Unknown
)


class Import(Struct, frozen=True, gc=False, array_like=True):
    """One imported name. `from .a import b as c` binds `c` to `.a.b`; a star import binds `*`."""

    name: str
    target: str
    block: int
    line: int
    column: int
    guard: Guard = ""
    """Inside a `try` that survives ImportError, or under TYPE_CHECKING."""
    module: str = ""
    """The module part: `.a` in the example, `a.b` in `import a.b`."""


class Parameter(Struct, frozen=True, gc=False, array_like=True):
    name: str
    kind: ParameterKind
    annotation: AnyValue | None = None
    default: AnyValue | None = None


class Scope(Struct, frozen=True, gc=False, array_like=True):
    """The module (index 0), a class, a function or a lambda."""

    kind: ScopeKind
    name: str
    qualname: str
    """`Trainer.fit`, `outer.inner`; empty for the module."""
    parent: int
    """Index of the enclosing scope; -1 for the module."""
    line: int
    column: int
    end_line: int
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[AnyValue, ...] = ()
    bases: tuple[AnyValue, ...] = ()
    block: int = 0
    """The block in which it is defined."""


class Block(Struct, frozen=True, gc=False, array_like=True):
    """A stretch of statements that runs, or does not, as one."""

    kind: BlockKind
    parent: int
    """Index of the enclosing block in the same scope; -1 for a body."""
    scope: int
    line: int
    value: AnyValue | None = None
    """Test of an `if`, `else` or `while`, iterable of a `for`, context managers of a `with`
    (a tuple where there are several), types of an `except`, subject of a `case`."""


class Call(Struct, frozen=True, gc=False, array_like=True):
    """One call, in the order of evaluation within its scope."""

    callee: str
    """Resolved name, empty when unresolved: `numpy.random.rand`,
    `sklearn.svm.SVC.fit` (receiver made by a class), `pandas.read_csv().fillna` (by a function)."""
    local: str
    """Dotted name in this file, empty when there is none: `train`, `self.step`, `model.fit`."""
    receiver: AnyValue | None
    """What is called, or whose method is called, where no dotted name says it: `f(x).fit()`."""
    args: tuple[AnyValue, ...]
    keywords: tuple[tuple[str, AnyValue], ...]
    """The name of `**other` is empty."""
    block: int
    line: int
    column: int
    end_line: int
    end_column: int
    method: str = ""
    """Name of the method, where `receiver` is what it is called on."""

    @property
    def open(self) -> bool:
        """Whether `*args` or `**kwargs` may pass more than is written."""
        return any(not name for name, _ in self.keywords) or any(
            type(arg) is Operation and arg.kind == "*" and len(arg.operands) == 1
            for arg in self.args
        )

    def keyword(self, name: str) -> AnyValue | None:
        for key, value in self.keywords:
            if key == name:
                return value
        return None


class Binding(Struct, frozen=True, gc=False, array_like=True):
    """A name or attribute that takes a value.

    `kind`: `assign`, `augment`, `annotate` (no value), `for`, `with`, `except`, `import`, `def`,
    `class`, `item` (`name[key] = value`), `delete`, `global`.
    """

    name: str
    kind: str
    value: AnyValue
    block: int
    after: int
    """Number of calls in `PythonFacts.calls` that were recorded before it."""
    line: int
    column: int
    key: AnyValue | None = None
    """The subscript of an `item`."""
    annotation: AnyValue | None = None


class Statement(Struct, frozen=True, gc=False, array_like=True):
    """A statement that neither binds nor branches."""

    kind: StatementKind
    value: AnyValue
    block: int
    after: int
    line: int


class Text(Struct, frozen=True, gc=False, array_like=True):
    """A string literal with its place. Docstrings and lone strings are left out.

    `role`: `argument` (of `callee`, with `name` when by keyword), `default` (of parameter `name`),
    `assign` (to `name`), `element` (of a display; `name` is the key, where there is one), `format`
    (a constant part of an f-string), `compare`, `other`.
    """

    value: str
    role: str
    name: str
    callee: str
    block: int
    line: int
    column: int
    end_line: int
    end_column: int


class PythonFacts(Struct, frozen=True, gc=False):
    """All that one Python source says. Indices point into these tuples."""

    imports: tuple[Import, ...] = ()
    scopes: tuple[Scope, ...] = ()
    blocks: tuple[Block, ...] = ()
    calls: tuple[Call, ...] = ()
    bindings: tuple[Binding, ...] = ()
    statements: tuple[Statement, ...] = ()
    texts: tuple[Text, ...] = ()

    def scope_of(self, block: int) -> int:
        return self.blocks[block].scope
