"""What is known of web frameworks and model servers, to be looked up by resolved names."""

from __future__ import annotations

from functools import cache

from mlaudit.knowledge import api_rows

Arguments = dict[str, int | None]


class Rows:
    """Callables by name, with their arguments; `a.**.b` stands for all that begin and end so."""

    def __init__(self, rows: dict[str, dict[str, int]]) -> None:
        self._exact: dict[str, Arguments] = {}
        self._ends: dict[str, list[tuple[str, Arguments]]] = {}
        for name, arguments in rows.items():
            head, wild, last = name.partition(".**.")
            if wild:
                self._ends.setdefault(last, []).append((f"{head}.", {**arguments}))
            else:
                self._exact[name] = {**arguments}
        names = (name.rpartition(".")[2] for name in self._exact)
        self.words = frozenset({*names, *self._ends})
        """Last parts of all names."""

    def get(self, name: str) -> Arguments | None:
        found = self._exact.get(name)
        if found is None:
            for head, arguments in self._ends.get(name[name.rfind(".") + 1 :], ()):
                if name.startswith(head):
                    return arguments
        return found


@cache
def rows(table: str) -> Rows:
    """One table of `rules/apis/serving.yaml`."""
    return Rows(api_rows("serving", table))
