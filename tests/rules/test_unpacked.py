import pytest

from mlaudit.facts.python.reader import extract, parse
from mlaudit.rules.unpacked import with_known_options


def names(source):
    python = extract([(parse(source), 0)])
    call = next(call for call in python.calls if call.callee == "t.f")
    return [name for name, _ in with_known_options(python, call).keywords]


@pytest.mark.parametrize(
    "source",
    [
        "o = {'a': 1}\nt.f(b=2, **o)",
        "t.f(b=2, **{'a': 1})",
        "o = {'a': 1}\ndef g():\n  t.f(b=2, **o)",
        "o = {'a': 1}\nt.f(b=2, **o)\nt.g(**o)\nprint(o.get('a'))",
    ],
)
def test_known_options(source):
    assert names(f"import t\n{source}") == ["b", "a"]


@pytest.mark.parametrize(
    "source",
    [
        "t.f(**o)",
        "o = t.read()\nt.f(**o)",
        "o = {'a': 1}\no = {'c': 1}\nt.f(**o)",
        "o = {'a': 1}\no['c'] = 1\nt.f(**o)",
        "o = {'a': 1}\no |= p\nt.f(**o)",
        "o = {'a': 1}\no.update(p)\nt.f(**o)",
        "o = {'a': 1}\nt.change(o)\nt.f(**o)",
        "o = {'a': 1}\np = o\nt.f(**o)",
        "o = {'a': 1, **p}\nt.f(**o)",
        "o = {key: 1}\nt.f(**o)",
        "o = {'a': 1}\ndef g(o):\n  t.f(**o)",
        "o = {'a': 1}\nfor o in p:\n  t.f(**o)",
        "self.o = {'a': 1}\nt.f(**self.o)",
    ],
)
def test_options_that_may_be_others(source):
    assert names(f"import t\n{source}") == [""]
