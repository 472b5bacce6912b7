"""Audits machine-learning repositories without running their code."""

__version__ = "0.1.0"
