"""The one error that rules give: something in a rule pack is wrong."""

from __future__ import annotations


class RulePackError(ValueError):
    """A rule file or API table that cannot be used. The message names file, key and mend."""

    def __init__(self, message: str, *, file: str = "", key: str = "") -> None:
        self.file = file
        self.key = key
        self.problem = message
        where = ": ".join(part for part in (file, key) if part)
        super().__init__(f"{where}: {message}" if where else message)
