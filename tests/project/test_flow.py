"""Names are followed to the bindings that may reach a place."""

from __future__ import annotations

import pytest

from mlaudit.facts.python import extract, parse
from mlaudit.facts.syntax import Const, Item, Local, Operation, Result, Slice
from mlaudit.project.values.flow import Flow, Held, parts, within


def flow_of(text: str) -> Flow:
    return Flow(extract([(parse(text), 0)]))


def at(flow: Flow, name: str) -> int:
    """Number of the one call of `name`."""
    (number,) = [n for n, call in enumerate(flow.python.calls) if call.local == name]
    return number


def reaching(text: str) -> list[int]:
    """Lines of the bindings of `x` that reach the argument of `use(x)`."""
    flow = flow_of("def use(_): pass\n" + text)
    place = flow.at_call(at(flow, "use"))
    return [flow.python.bindings[n].line - 1 for n in flow.reaching("x", place)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("x = 1\nx = 2\nuse(x)\nx = 3", [2], id="the last one hides"),
        pytest.param("x = 1\nif a:\n    x = 2\nuse(x)", [3, 1], id="a branch does not hide"),
        pytest.param("x = 1\nif a:\n    x = 2\n    use(x)", [3], id="its own branch does"),
        pytest.param("x = 1\nx += 2\nuse(x)", [2, 1], id="augmented"),
        pytest.param("x = 1\nfor a in b:\n    use(x)\n    x = 2", [4, 1], id="around a loop"),
        pytest.param("x = 1\ndef f():\n    use(x)\nx = 2", [4, 1], id="of an outer scope"),
        pytest.param("def f(x):\n    use(x)", [], id="parameter"),
        pytest.param(
            "def f(x):\n    if a:\n        x = 1\n    use(x)", [], id="perhaps a parameter"
        ),
        pytest.param("def f(x):\n    x = 1\n    use(x)", [2], id="no parameter any more"),
        pytest.param("class A:\n    x = 1\n    def f(self):\n        use(x)", [], id="of a class"),
        pytest.param("x = 1\nx = use(x)", [1], id="its own statement"),
        pytest.param("use([x for x in a])", [1], id="comprehension"),
    ],
)
def test_reaching(text, lines):
    assert reaching(text) == lines


def test_tests_and_iterables_are_evaluated_before_their_blocks():
    flow = flow_of("x = [1]\nfor x in x:\n    pass\nx = 2\nwhile x:\n    x = 3\n")
    loop, other = (n for n, b in enumerate(flow.python.blocks) if b.kind in ("for", "while"))
    lines = [
        [flow.python.bindings[n].line for n in flow.reaching("x", flow.at_block(block))]
        for block in (loop, other)
    ]
    assert lines == [[1], [4]]


def test_returns_see_what_was_bound_before_them():
    flow = flow_of("def f():\n    x = 1\n    if a:\n        return x\n    x = 2\n    return x\n")
    found = [
        [flow.python.bindings[n].line for n in flow.reaching("x", flow.at_statement(number))]
        for number, statement in enumerate(flow.python.statements)
        if statement.kind == "return"
    ]
    assert found == [[2], [5]]


def test_attributes_are_looked_for_in_all_methods():
    flow = flow_of(
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "        self.x = 2\n"
        "    def reset(self):\n"
        "        self.x = 3\n"
        "    def use(self):\n"
        "        print(self.x)\n"
        "class B:\n"
        "    def __init__(self):\n"
        "        self.x = 4\n"
    )
    place = flow.at_call(len(flow.python.calls) - 1)
    bound = [flow.python.bindings[n].value for n in flow.attribute("self.x", place)]
    assert bound == [Const(2), Const(3)]


def test_trace_ends_where_nothing_is_bound_and_survives_cycles():
    flow = flow_of("def f(p):\n    a = p\n    while a:\n        b = a\n        a = b\n    g(a)\n")
    held = Held(Local("a"), flow.at_call(at(flow, "g")))
    assert [end.value for end in flow.trace(held, lambda one: None)] == [Local("p")]


def test_trace_goes_on_with_what_the_step_names():
    flow = flow_of("a = f()\nb = [a[1:], 2]\ng(b)\n")

    def step(held):
        if isinstance(held.value, Local):
            return None
        inner = [part for part in parts(held.value) if not isinstance(part, Const)]
        return [Held(part, held.place) for part in inner] or None

    held = Held(Local("b"), flow.at_call(at(flow, "g")))
    ends = {type(end.value) for end in flow.trace(held, step)}
    assert ends == {Result, Slice}


def test_parts_of_finds_what_is_nested_with_its_user():
    flow = flow_of("f(a, [b[0]], k=c[1:])\nx = (d[2],)\nif e[3]:\n    pass\n")
    found = [(part, use.kind, flow.line(use)) for part, use in flow.parts_of(Item)]
    bases = [(part.base, kind, line) for part, kind, line in found]
    assert bases == [
        (Local("b"), "call", 1),
        (Local("c"), "call", 1),
        (Local("d"), "binding", 2),
        (Local("e"), "block", 3),
    ]


def test_within_is_the_value_and_all_its_parts():
    value = Operation("+", (Item(Local("a"), Const(1)), Const(2)))
    assert set(within(value)) == {
        value, value.operands[0], Local("a"), Const(1), Const(2),
    }  # fmt: skip
