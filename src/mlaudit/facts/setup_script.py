"""What a setup.py passes to `setup()`, as far as literals and simple variables tell."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from mlaudit.facts.paths import beside
from mlaudit.facts.pep508 import normalise, parse
from mlaudit.facts.records import Dependency, Include, Manifest, Problem, Span

_REQUIREMENT_FILE = re.compile(r"[\w./-]*\.(?:txt|in|pip)")
_PACKAGES = frozenset({"packages", "py_modules", "package_dir", "ext_modules"})
_DEEPEST = 6
"""Names that are followed from an argument to what it is made of."""
_MOST = 20_000
"""Expressions that are looked at: lists of lists of lists multiply."""


def read_script(data: bytes, path: str) -> Manifest | None:
    """The manifest, or None without a `setup()` call. Raises what `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    script = _Script(tree)
    call = next((node for node in script.calls if _called(node) == "setup"), None)
    return _Setup(script, call, path).manifest() if call else None


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


class _Script:
    """The names of a module and what they are bound to, in whatever order."""

    def __init__(self, tree: ast.Module) -> None:
        self.calls: list[ast.Call] = []
        self.values: dict[str, list[ast.expr]] = {}
        self.items: dict[str, list[tuple[ast.expr, ast.expr]]] = {}
        self.origins: dict[str, list[ast.AST]] = {}
        """What a name bound under a `with` or in a function may have been read from."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self.calls.append(node)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bind(target, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value:
                self._bind(node.target, node.value)
            elif isinstance(node, ast.FunctionDef):
                self.origins.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.With):
                self._read_under(node)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.values.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self.items.setdefault(target.value.id, []).append((target.slice, value))

    def _read_under(self, node: ast.With) -> None:
        for inner in node.body:
            targets = inner.targets if isinstance(inner, ast.Assign) else []
            for target in targets:
                if isinstance(target, ast.Name):
                    self.origins.setdefault(target.id, []).append(node.items[0].context_expr)


class _Text(NamedTuple):
    value: str
    node: ast.expr


class _Setup:
    def __init__(self, script: _Script, call: ast.Call, path: str) -> None:
        self.script = script
        self.path = path
        self.arguments = {kw.arg: kw.value for kw in call.keywords if kw.arg}
        for keyword in call.keywords:
            if keyword.arg is None:
                self.arguments = {**self._table(keyword.value), **self.arguments}
        self.problems: list[Problem] = []
        self.dynamic: list[str] = []
        self.includes: list[Include] = []
        self.budget = _MOST

    def manifest(self) -> Manifest:
        python = self._text("python_requires")
        dependencies = tuple(self._dependencies())
        return Manifest(
            "setuptools",
            dependencies=dependencies,
            includes=tuple(self.includes),
            name=getattr(self._text("name"), "value", ""),
            python=python.value if python else "",
            python_span=_span(python.node) if python else Span(),
            scripts=tuple(self._scripts()),
            dynamic=tuple(dict.fromkeys(self.dynamic)),
            classifiers=tuple(text.value for text in self._texts("classifiers") or ()),
            packaged=not self.arguments.keys().isdisjoint(_PACKAGES),
            problems=tuple(self.problems),
        )

    def _text(self, key: str) -> _Text | None:
        node = self._resolved(self.arguments.get(key))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return _Text(node.value, node)
        return None

    def _resolved(self, node: ast.expr | None) -> ast.expr | None:
        """The value of a name that is bound once; any other expression as it is."""
        for _ in range(_DEEPEST):
            if not isinstance(node, ast.Name) or len(self.script.values.get(node.id, ())) != 1:
                break
            node = self.script.values[node.id][0]
        return node

    def _texts(self, key: str) -> list[_Text] | None:
        return self._strings(self.arguments.get(key), 0)

    def _strings(self, node: ast.expr | None, depth: int) -> list[_Text] | None:
        """The strings of a list expression; None when they are computed."""
        node = self._resolved(node)
        self.budget -= 1
        if depth > _DEEPEST or self.budget < 0:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [_Text(line, node) for line in node.value.split("\n") if line.strip()]
        parts: list[ast.expr] = []
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            parts = list(node.elts)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Call) and _called(node) in ("list", "sorted", "set"):
            parts = list(node.args)
        elif isinstance(node, ast.Starred):
            parts = [node.value]
        else:
            return None
        found = [self._strings(part, depth + 1) for part in parts]
        if any(strings is None for strings in found):
            return None
        return [text for strings in found for text in strings or ()]

    def _table(self, node: ast.expr | None) -> dict[str, ast.expr]:
        """The items of a dict display, and those that are set on its name later."""
        name = node.id if isinstance(node, ast.Name) else ""
        node = self._resolved(node)
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, ast.Dict):
            pairs += zip(node.keys, node.values, strict=True)
        elif isinstance(node, ast.Call) and _called(node) == "dict":
            pairs += ((ast.Constant(kw.arg), kw.value) for kw in node.keywords if kw.arg)
        pairs += self.script.items.get(name, ())
        return {
            key.value: value
            for key, value in pairs
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }

    def _dependencies(self) -> Iterator[Dependency]:
        for key, group, part in (
            ("install_requires", "", "dependencies"),
            ("setup_requires", "build", "build-requires"),
            ("tests_require", "test", "optional-dependencies"),
        ):
            if key in self.arguments:
                yield from self._listed(self.arguments[key], group, part)
        extras = self.arguments.get("extras_require")
        for name, value in self._table(extras).items():
            extra, _, marker = name.partition(":")
            group = f"extra:{normalise(extra)}" if extra else ""
            yield from self._listed(value, group, "optional-dependencies", marker)
        if extras is not None and not self._table(extras):
            self.dynamic.append("optional-dependencies")

    def _listed(
        self, node: ast.expr, group: str, part: str, marker: str = ""
    ) -> Iterator[Dependency]:
        texts = self._strings(node, 0)
        if texts is None:
            self.dynamic.append(part)
            self._include(node, group)
        for text in texts or ():
            wanted = f"{text.value}; {marker}" if marker and ";" not in text.value else text.value
            dependency, reason = parse(wanted, group=group, span=_span(text.node))
            if reason:
                self.problems.append(Problem(reason, text.node.lineno))
            if dependency:
                yield dependency

    def _include(self, node: ast.expr, group: str) -> None:
        """Requirements files named anywhere in what the expression is made of."""
        for name, found in dict(self._files(node, 0, set())).items():
            target = beside(self.path, name)
            if target and not any(one.path == target for one in self.includes):
                self.includes.append(Include("requirement", target, _span(found), group))

    def _files(self, node: ast.AST, depth: int, seen: set[str]) -> Iterator[tuple[str, ast.expr]]:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                if _REQUIREMENT_FILE.fullmatch(inner.value):
                    yield inner.value, inner
            elif isinstance(inner, ast.Name) and inner.id not in seen and depth < _DEEPEST:
                seen.add(inner.id)
                sources = self.script.values.get(inner.id, [])
                for source in (*sources, *self.script.origins.get(inner.id, ())):
                    yield from self._files(source, depth + 1, seen)

    def _scripts(self) -> Iterator[tuple[str, str]]:
        table = self._table(self.arguments.get("entry_points"))
        for text in self._strings(table.get("console_scripts"), 0) or ():
            name, equals, target = text.value.partition("=")
            if equals:
                yield name.strip(), target.strip()


def _span(node: ast.expr) -> Span:
    end = node.end_lineno or node.lineno
    return Span(node.lineno, node.col_offset + 1, end, (node.end_col_offset or 0) + 1)
