"""What names mean across files."""

from __future__ import annotations

import pytest

from mlaudit.facts.python import read_python
from mlaudit.facts.source import Source
from mlaudit.facts.syntax import PythonFacts
from mlaudit.project.linking.resolution import Definition, External, Resolver
from mlaudit.repo.model import Context, File, Kind


def facts_of(files: dict[str, str]) -> dict[str, PythonFacts]:
    read = {}
    for path, text in files.items():
        file = File(path, Kind.PYTHON, Context.SRC)
        python = read_python(Source(file, text.encode())).python
        assert python is not None
        read[path] = python
    return read


def called(files: dict[str, str], path: str = "main.py") -> str:
    """What the last call of a file's module runs: a library's name, or `path:qualname`."""
    facts = facts_of(files)
    resolver = Resolver(facts)
    numbers = resolver.index(path).calls[0]
    target = resolver.call(path, numbers[-1])
    if isinstance(target, Definition):
        return f"{target.path}:{facts[target.path].scopes[target.scope].qualname}"
    return target.name if isinstance(target, External) else ""


CASES = {
    "import": ("import numpy as np\nnp.random.rand()", {}, "numpy.random.rand"),
    "own function": ("def f(): ...\nf()", {}, "main.py:f"),
    "module": ("import a\na.f()", {"a.py": "def f(): ..."}, "a.py:f"),
    "name of a module": ("from a import f as g\ng()", {"a.py": "def f(): ..."}, "a.py:f"),
    "re-export": (
        "from p import f\nf()",
        {"p/__init__.py": "from .q import f", "p/q.py": "def f(): ..."},
        "p/q.py:f",
    ),
    "re-export of many levels": (
        "from p import Child\nChild().fit()",
        {
            "p/__init__.py": "if TYPE_CHECKING:\n    from .q import Child\n",
            "p/q/__init__.py": "if TYPE_CHECKING:\n    from .r import Child\n",
            "p/q/r.py": "from ..base import Base\nclass Child(Base): ...",
            "p/base.py": "from transformers import Trainer\nclass Base(Trainer): ...",
        },
        "transformers.Trainer.fit",
    ),
    "star": ("from a import *\nf()", {"a.py": "def f(): ..."}, "a.py:f"),
    "library through a star": (
        "from a import *\ntorch.manual_seed(0)",
        {"a.py": "import torch"},
        "torch.manual_seed",
    ),
    "module named as its package": (
        "import p.p",
        {
            "p/__init__.py": "",
            "p/p.py": "from p.tools import f\nf()",
            "p/tools.py": "def f(): ...",
        },
        "p/tools.py:f",
    ),
    "assignment": ("import torch\ns = torch.manual_seed\ns(1)", {}, "torch.manual_seed"),
    "name for a module": ("import numpy\nrng = numpy.random\nrng.rand()", {}, "numpy.random.rand"),
    "partial": (
        "import torch\nfrom functools import partial\ns = partial(torch.manual_seed, 1)\ns()",
        {},
        "torch.manual_seed",
    ),
    "lambda": ("f = lambda: 1\nf()", {}, "main.py:<lambda>"),
    "method": ("class A:\n  def f(self): ...\na = A()\na.f()", {}, "main.py:A.f"),
    "inherited method": (
        "from a import B\nclass C(B): ...\nC().f()",
        {"a.py": "class B:\n  def f(self): ..."},
        "a.py:B.f",
    ),
    "library's base": (
        "import torch\nclass N(torch.nn.Module): ...\nN().cuda()",
        {},
        "torch.nn.Module.cuda",
    ),
    "called object": (
        "import torch\nclass N(torch.nn.Module):\n  def forward(self): ...\nn = N()\nn(1)",
        {},
        "main.py:N.forward",
    ),
    "what a function returns": (
        "class A:\n  def f(self): ...\ndef make():\n  return A()\nmake().f()",
        {},
        "main.py:A.f",
    ),
    "unknown": ("import a\na.b.c()", {"a.py": "b = 1"}, ""),
    "bound twice": ("def f(): ...\ng = f\ng = 3\ng()", {}, ""),
    "imports that go round": (
        "from a import f\nf()",
        {"a.py": "from b import f", "b.py": "from a import f"},
        "",
    ),
    "bases that go round": ("class A(B): ...\nclass B(A): ...\nA().f()", {}, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_call(name: str) -> None:
    main, others, expected = CASES[name]
    path = "p/p.py" if main == "import p.p" else "main.py"
    assert called({"main.py": main, **others}, path) == expected


INSIDE = {
    "super": ("super().fit()", "lib.Base.fit"),
    "own method": ("self.own()", "main.py:A.own"),
    "attribute's method": ("self.helper.help()", "main.py:Helper.help"),
    "attribute that is called": ("self.helper()", "main.py:Helper.__call__"),
    "function held": ("self.loss()", "torch.nn.functional.mse_loss"),
    "annotated parameter": ("given.help()", "main.py:Helper.help"),
}


@pytest.mark.parametrize("name", INSIDE)
def test_call_in_a_method(name: str) -> None:
    call, expected = INSIDE[name]
    source = f"""
import lib, torch
class Helper:
    def help(self): ...
    def __call__(self): ...
class A(lib.Base):
    def __init__(self):
        self.helper = Helper()
        self.loss = torch.nn.functional.mse_loss
    def own(self): ...
    def run(self, given: Helper):
        {call}
"""
    facts = facts_of({"main.py": source})
    resolver = Resolver(facts)
    (run,) = (n for n, scope in enumerate(facts["main.py"].scopes) if scope.name == "run")
    target = resolver.call("main.py", resolver.index("main.py").calls[run][-1])
    if isinstance(target, Definition):
        assert f"{target.path}:{facts[target.path].scopes[target.scope].qualname}" == expected
    else:
        assert isinstance(target, External)
        assert target.name == expected


def test_long_chains_end() -> None:
    chain = "\n".join(f"a{n + 1} = a{n}" for n in range(3000))
    assert called({"main.py": f"import os\na0 = os.getcwd\n{chain}\na3000()"}) == ""
