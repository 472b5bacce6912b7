"""Signs that are data, as evidence for a level."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View
from mlaudit.project.looks import SignModel, see


def look_for(model: SignModel) -> Callable[[View], Iterator[Evidence]]:
    """The sign, ready to be asked: the first pieces of evidence of each way."""

    def sign(view: View) -> Iterator[Evidence]:
        for look in model.any:
            for seen in islice(see(look, model.says, view), MOST):
                yield Evidence(True, seen.says, seen.path, seen.line, tool=seen.tool)

    return sign
