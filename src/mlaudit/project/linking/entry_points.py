"""Where a program starts: main guards, command lines, notebooks, commands of pipelines and CI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Block, Const, Local, Operation, PythonFacts
from mlaudit.project.linking.importing import Importing
from mlaudit.project.linking.resolution import Definition, Resolver
from mlaudit.repo.model import Context, File

OUT_OF_USE = frozenset({Context.TESTS, Context.VENDORED, Context.GENERATED})

_BRANCHES = frozenset({"if", "else", "case", "while", "except"})


class EntryPoint(Struct, frozen=True):
    """`scope` 0 of a file is the file run as a program."""

    path: str
    scope: int
    kind: str
    """`main` (guard), `script` (bare code), `notebook`, `console-script`, `command`."""
    line: int = 1


def entry_points(
    facts: Mapping[str, FileFacts],
    files: Mapping[str, File],
    resolver: Resolver,
    importing: Importing,
) -> tuple[EntryPoint, ...]:
    """All entry points outside tests and vendored code, sorted; one for each place."""
    found: dict[tuple[str, int], EntryPoint] = {}
    for entry in (
        *_of_files(facts, importing),
        *_of_console_scripts(facts, resolver),
        *_of_commands(facts),
    ):
        if files[entry.path].context not in OUT_OF_USE:
            found.setdefault((entry.path, entry.scope), entry)
    return tuple(found[key] for key in sorted(found))


def _of_files(facts: Mapping[str, FileFacts], importing: Importing) -> Iterator[EntryPoint]:
    scripts = []
    for path, file in facts.items():
        if file.python is None:
            continue
        guard = main_guard(file.python)
        if file.notebook is not None:
            yield EntryPoint(path, 0, "notebook")
        elif guard is not None:
            yield EntryPoint(path, 0, "main", file.python.blocks[guard].line)
        elif is_program(file.python) and not path.endswith("__init__.py"):
            scripts.append(path)
    for path in scripts:
        if path not in importing.importers:
            yield EntryPoint(path, 0, "script")


def main_guard(python: PythonFacts) -> int | None:
    """The block under `if __name__ == "__main__"`."""
    for number, block in enumerate(python.blocks):
        if block.kind == "if" and block.scope == 0 and _tests_main(block):
            return number
    return None


def in_branch(python: PythonFacts, call: int) -> bool:
    """Whether a call hangs on a condition; the main guard, which every program passes, is none."""
    number, guard = python.calls[call].block, main_guard(python)
    while number >= 0:
        block = python.blocks[number]
        if block.kind in _BRANCHES and number != guard:
            return True
        number = block.parent
    return False


def _tests_main(block: Block) -> bool:
    test = block.value
    return (
        isinstance(test, Operation)
        and test.kind == "=="
        and Local("__name__") in test.operands
        and Const("__main__") in test.operands
    )


def is_program(python: PythonFacts) -> bool:
    """Whether the module does something when run, beyond defining."""
    return any(
        statement.kind == "expression" and python.blocks[statement.block].scope == 0
        for statement in python.statements
    )


def _of_console_scripts(facts: Mapping[str, FileFacts], resolver: Resolver) -> Iterator[EntryPoint]:
    for path, file in facts.items():
        for _, target in file.manifest.scripts if file.manifest else ():
            dotted = target.partition("[")[0].strip().replace(":", ".")
            found = resolver.name(path, dotted)
            if isinstance(found, Definition):
                scope = resolver.index(found.path).facts.scopes[found.scope]
                yield EntryPoint(found.path, found.scope, "console-script", scope.line)


def _of_commands(facts: Mapping[str, FileFacts]) -> Iterator[EntryPoint]:
    from mlaudit.facts.commands import python_target, split_commands

    for path, file in facts.items():
        for command in file.commands:
            for argv in split_commands(command.text):
                target = python_target(argv)
                if target is not None:
                    yield from _script(facts, path, target)


def _script(facts: Mapping[str, FileFacts], path: str, target: str) -> Iterator[EntryPoint]:
    """The script that a command of the file `path` names, from its folder or from the root."""
    name = target[3:].replace(".", "/") + ".py" if target.startswith("-m ") else target
    name = name.removeprefix("./")
    folder = path.rpartition("/")[0]
    for candidate in (f"{folder}/{name}" if folder else name, name, f"src/{name}"):
        if candidate in facts and facts[candidate].python is not None:
            yield EntryPoint(candidate, 0, "command")
            return
