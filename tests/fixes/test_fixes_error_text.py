"""The text of an error goes to the log, and a constant to the client."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from mlaudit.fixes.edits import applied
from mlaudit.fixes.error_text import hide_error


def fixed(text: str, call: str) -> str | None:
    text = dedent(text).lstrip()
    start = text.index(call)
    edits = hide_error(text, ast.parse(text), start, start + len(call), "Failed")
    return None if edits is None else applied(text, edits)


@pytest.mark.parametrize(
    ("head", "logger"),
    [
        ("import logging\nlog = logging.getLogger(__name__)\n", "log"),
        ("from loguru import logger\n", "logger"),
        ("import logging\n", "logging"),
        ("import structlog\nlog = structlog.get_logger()\n", "log"),
    ],
)
def test_the_modules_own_logger_is_taken(head, logger):
    text = head + "try:\n    f()\nexcept Exception as e:\n    abort(500, str(e))\n"
    after = fixed(text, "abort(500, str(e))")
    assert after is not None
    assert after.endswith(f'    {logger}.exception("Failed")\n    abort(500, "Failed")\n')


def test_logging_is_imported_where_nothing_logs():
    text = "import flask\ntry:\n    f()\nexcept Exception as e:\n    flask.abort(500, f'no: {e}')\n"
    after = fixed(text, "flask.abort(500, f'no: {e}')")
    assert after is not None
    assert after.startswith("import logging\nimport flask\n")
    assert after.endswith('    logging.exception("Failed")\n    flask.abort(500, "Failed")\n')


def test_what_logs_already_logs_once():
    text = "import a\ntry:\n    f()\nexcept E as e:\n    log.exception(e)\n    a.b(x=str(e), y=1)\n"
    after = fixed(text, "a.b(x=str(e), y=1)")
    assert after == text.replace("x=str(e)", 'x="Failed"')


def test_only_the_text_goes_from_a_dict():
    text = "import a\ntry:\n    f()\nexcept E as é:\n    a.b({'ä': 1, 'error': 'no: ' + str(é)})\n"
    after = fixed(text, "a.b({'ä': 1, 'error': 'no: ' + str(é)})")
    assert after is not None
    assert "a.b({'ä': 1, 'error': \"Failed\"})" in after


@pytest.mark.parametrize(
    "text",
    [
        "import a\na.b(str(e))\n",
        "import a\ntry:\n    f()\nexcept E: a.b(str(e))\n",
        "import a\ntry:\n    f()\nexcept E as e: a.b(str(e))\n",
    ],
)
def test_left_alone_where_there_is_no_error_or_no_line(text):
    assert fixed(text, "a.b(str(e))") is None
