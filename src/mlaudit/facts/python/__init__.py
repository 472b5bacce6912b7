"""The reader of Python sources."""

from mlaudit.facts.python.reader import extract, parse, read_python

__all__ = ["extract", "parse", "read_python"]
