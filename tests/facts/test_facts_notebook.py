import json
import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlaudit.facts.ipython import mask
from mlaudit.facts.notebook import raw_column, read_notebook
from mlaudit.facts.records import Problem
from mlaudit.facts.source import Source
from mlaudit.repo.model import Context, File, Kind


def read(text):
    data = text if isinstance(text, bytes) else text.encode()
    return read_notebook(Source(File("a.ipynb", Kind.NOTEBOOK, Context.NOTEBOOKS), data))


def code(source, **fields):
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": []}
    return {**cell, "source": source, **fields}


def markdown(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(*cells, kernel=None, **fields):
    metadata = {"kernelspec": kernel or {"name": "python3", "language": "python"}}
    return {
        "cells": list(cells),
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
        **fields,
    }


def dump(value, **options):
    return json.dumps(value, **{"indent": 1, "ensure_ascii": False, **options})


def token(seed=1):
    rng = random.Random(seed)
    return "hf_" + "".join(rng.choice(string.ascii_letters) for _ in range(34))


STYLES = [
    pytest.param({}, id="pretty"),
    pytest.param({"indent": None, "separators": (",", ":")}, id="minified"),
    pytest.param({"ensure_ascii": True}, id="escaped"),
    pytest.param({"indent": None, "ensure_ascii": True}, id="one-line-escaped"),
]

CODE = 'import a\nname = "é\\n\\t😀"; x = f(name, "q")\n\n\tif_ = 1\ny = "\\\\n"'


def raw_text_at(text, line, column):
    return text.split("\n")[line - 1][column - 1 :]


def written(value, style):
    return json.dumps(value, ensure_ascii=style.get("ensure_ascii", False))[1:-1]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("split", [True, False], ids=["lines", "one-string"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_line_of_code_has_its_place_in_the_file(style, split, newline):
    source = CODE.replace("\n", newline)
    value = source.splitlines(keepends=True) if split else source
    text = dump(notebook(markdown("# é"), code(value), code("z = 1")), **style)
    facts = read(text)
    lines = [*CODE.split("\n"), "z = 1"]
    assert len(facts.notebook.raw_lines) == len(lines)
    for line, raw in zip(lines, facts.notebook.raw_lines, strict=True):
        assert raw_text_at(text, raw.line, raw.column).startswith(written(line, style))
        for characters in range(len(line)):
            raw_line = text.split("\n")[raw.line - 1]
            column = raw_column(raw_line, raw.column, len(line[:characters].encode()))
            assert raw_line[column - 1 :].startswith(written(line[characters:], style))


def test_cells_are_numbered_on():
    facts = read(
        dump(
            notebook(
                code("import numpy as np\n"),
                markdown("text\nmore"),
                code(["x = 1\n", "y = np.ones(3)"], metadata={"tags": ["parameters", 3]}),
                code(""),
                code("z = 1", metadata={"mlaudit": {"ignore": ["stored-error"]}}),
            )
        )
    )
    cells = facts.notebook.cells
    assert [(cell.index, cell.kind, cell.first_line, cell.lines) for cell in cells] == [
        (1, "code", 1, 1),
        (2, "markdown", 0, 2),
        (3, "code", 2, 2),
        (4, "code", 4, 0),
        (5, "code", 4, 1),
    ]
    assert cells[2].tags == ("parameters",)
    assert cells[4].suppress == ("stored-error",)
    (call,) = facts.python.calls
    assert (call.callee, call.line, call.column) == ("numpy.ones", 3, 4)
    assert facts.notebook.language == "python"
    assert facts.notebook.nbformat == 4


def test_cells_know_their_raw_line():
    text = dump(notebook(markdown("a"), code("b")))
    lines = text.split("\n")
    for cell in read(text).notebook.cells:
        assert lines[cell.raw_line - 1].strip() == "{"
        assert "cell_type" in lines[cell.raw_line]


def test_nbformat_3():
    old = {
        "metadata": {"name": "x"},
        "nbformat": 3,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 1, "source": ["Title"]},
                    {
                        "cell_type": "code",
                        "input": ["import os\n", "os.getcwd()"],
                        "language": "python",
                        "prompt_number": 7,
                        "outputs": [
                            {"output_type": "pyout", "text": [f"'{token()}'"]},
                            {"output_type": "pyerr", "ename": "KeyError", "traceback": ["x"]},
                        ],
                    },
                ]
            }
        ],
    }
    facts = read(dump(old))
    heading, cell = facts.notebook.cells
    assert heading.kind == "markdown"
    assert cell.execution_count == 7
    assert [(one.kind, one.name) for one in cell.outputs] == [
        ("execute_result", ""),
        ("error", "KeyError"),
    ]
    assert [call.callee for call in facts.python.calls] == ["os.getcwd"]
    assert [one.provider for one in facts.credentials] == ["hugging-face"]


MAGICS = [
    ("%matplotlib inline", "pass"),
    ("!pip install x", "pass"),
    ("    !ls", "    pass"),
    ("files = !ls", "files = get_ipython()"),
    ("a, b = %sx ls", "a, b = get_ipython()"),
    ("%time x = f(1)", "0;    x = f(1)"),
    ("%timeit -n 10 f(1)", "0;            f(1)"),
    ("?help", "pass"),
    ("frame.head?", "pass"),
    ("frame.head??", "pass"),
    ("x = 1;", "x = 1;"),
    ("x = a %b", "x = a %b"),
    ("x != y", "x != y"),
    ("print('what?')", "print('what?')"),
]


@pytest.mark.parametrize(("line", "masked"), MAGICS)
def test_magics_are_masked_in_place(line, masked):
    lines = ["import a", "if a:" if line.startswith(" ") else "", line, "b = 1"]
    result = mask(lines)
    assert result.lines == [*lines[:2], masked, "b = 1"]
    assert [text for _, text in result.magics] == ([line.strip()] if line != masked else [])


def test_what_stands_in_strings_and_brackets_is_no_magic():
    lines = ['x = """', "%time", "!ls", '"""', "y = (1", "  %x)", "z = 1 \\", "  %x", "!ls"]
    result = mask(lines)
    assert result.lines == [*lines[:-1], "pass"]
    assert result.magics == [(8, "!ls")]


def test_a_shell_command_over_several_lines():
    result = mask(["!pip install \\", "   numpy \\", "   pandas", "x = 1"])
    assert result.lines == ["pass", "", "", "x = 1"]
    assert result.magics == [(0, "!pip install  numpy  pandas")]


@pytest.mark.parametrize(
    ("first", "language", "keeps"),
    [
        ("%%time", "python", True),
        ("%%capture out", "python", True),
        ("%%timeit -n 3", "python", True),
        ("%%bash", "bash", False),
        ("%%sh", "bash", False),
        ("%%html", "html", False),
        ("%%sql postgres://x", "sql", False),
        ("%%writefile a.py", "text", False),
        ("%%javascript", "javascript", False),
        ("%%R -o x", "r", False),
        ("%sql", "sql", False),
    ],
)
def test_cell_magics(first, language, keeps):
    facts = read(dump(notebook(code(f"\n{first}\nf(1)"))))
    (cell,) = facts.notebook.cells
    assert (cell.language, cell.problem, cell.lines) == (language, None, 3)
    assert cell.magics[0].text == first
    assert cell.magics[0].line == 2
    calls = [(call.local, call.line) for call in facts.python.calls] if facts.python else []
    assert (("f", 3) in calls) == keeps


def test_commands_of_a_shell_cell():
    (cell,) = read(dump(notebook(code("%%bash\npip install x\n")))).notebook.cells
    assert [(one.text, one.line) for one in cell.magics] == [("%%bash", 1), ("!pip install x", 2)]


@pytest.mark.parametrize(
    "source",
    [
        "pip install x",
        "await f()",
        "async with a() as b:\n    pass",
        "  x = 1\n  y = 2",
        "%cd /tmp\nls -l",
        "...",
        "# only a comment",
        "%%time\n",
        "",
    ],
)
def test_cells_that_ipython_runs(source):
    (cell,) = read(dump(notebook(code(source)))).notebook.cells
    assert cell.problem is None


def test_an_indented_cell_keeps_its_columns():
    facts = read(dump(notebook(code("  f(1)"))))
    assert [(call.line, call.column) for call in facts.python.calls] == [(1, 2)]


def test_a_broken_cell_breaks_no_other():
    facts = read(dump(notebook(code("a()"), code("x = 1\ny = (\n"), code("b()"))))
    assert [call.local for call in facts.python.calls] == ["a", "b"]
    problems = [cell.problem for cell in facts.notebook.cells]
    assert problems[0] is problems[2] is None
    assert problems[1].line == 3
    assert "never closed" in problems[1].reason
    assert facts.problems == ()


@pytest.mark.parametrize(
    "source", ["x = '\udc00'", "x = '\0'", "x = " + "(" * 5000, "x = " + "9" * 6000, "\ud83d"]
)
def test_cells_that_no_parser_likes(source):
    facts = read(dump(notebook(code(source), code("b()")), ensure_ascii=True))
    assert [call.local for call in facts.python.calls] == ["b"]


@pytest.mark.parametrize(
    ("kernel", "language"),
    [
        ({"name": "python3"}, "python"),
        ({"name": "conda-env-x-py"}, "python"),
        ({"name": "python2", "language": "python"}, "python2"),
        ({"name": "ir", "language": "R"}, "r"),
        ({"name": "xcpp", "language": 3}, "3"),
        ({"name": 3}, ""),
        ([], ""),
    ],
)
def test_kernels(kernel, language):
    value = notebook(code("print 'x'"))
    value["metadata"]["kernelspec"] = kernel
    facts = read(dump(value))
    (cell,) = facts.notebook.cells
    assert facts.notebook.language == language
    assert (cell.problem is None) == (language in ("r", "3"))
    if language == "python2":
        assert "Python 2" in cell.problem.reason


def test_outputs():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["é\n"]},
        {"output_type": "display_data", "data": {"image/png": "A" * 1000}, "metadata": {}},
        {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": ["\x1b[0;31m"]},
    ]
    text = dump(notebook(code("x", outputs=outputs)))
    (cell,) = read(text).notebook.cells
    lines = text.split("\n")
    assert [one.kind for one in cell.outputs] == ["stream", "display_data", "error"]
    assert cell.outputs[2].name == "ValueError"
    for one in cell.outputs:
        assert lines[one.line - 1].strip() == "{"
    assert cell.outputs[1].size > 1000
    offset = sum(len(line) + 1 for line in lines[: cell.outputs[0].line - 1])
    first = text[offset : text.index("}", offset) + 1].lstrip()
    assert cell.outputs[0].size == len(first.encode())


def secret_outputs(secret):
    return [
        {"output_type": "stream", "text": ["one\n", f"key: {secret}\n"]},
        {"output_type": "execute_result", "data": {"text/plain": [f"'{secret}'"]}},
        {"output_type": "display_data", "data": {"text/html": f'<b class="x">{secret}</b>'}},
        {"output_type": "error", "ename": "E", "traceback": [f"\x1b[31m{secret}\x1b[0m"]},
        {"output_type": "display_data", "data": {"application/json": {"a": [{"b": secret}]}}},
    ]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("style", STYLES)
def test_credentials_in_outputs(number, style):
    secret = token()
    output = secret_outputs(secret)[number]
    text = dump(notebook(code("x = 1", outputs=[output])), **style)
    (credential,) = read(text).credentials
    assert credential.provider == "hugging-face"
    assert raw_text_at(text, credential.span.line, credential.span.column).startswith(secret)
    assert credential.span.end_column == credential.span.column + len(secret)
    assert credential.virtual_line == 0


def test_images_and_metadata_hold_no_credentials():
    output = {
        "output_type": "display_data",
        "data": {"image/png": token(), "image/svg+xml": token()},
        "metadata": {"x": token()},
    }
    assert read(dump(notebook(code("x = 1", outputs=[output])))).credentials == ()


def test_credentials_in_the_state_of_widgets():
    value = notebook(code("x = 1"))
    state = {"abc": {"model_name": "TextModel", "state": {"value": token()}}}
    value["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    text = dump(value)
    (credential,) = read(text).credentials
    assert raw_text_at(text, credential.span.line, credential.span.column).startswith(token())


@pytest.mark.parametrize("style", STYLES)
def test_credentials_in_code_and_markdown(style):
    one, two, three = token(1), token(2), token(3)
    text = dump(
        notebook(
            code(f'import a\nlogin("é", "{one}")'),
            markdown(["# é\n", f"use {two} here"]),
            code(f"%env HF_TOKEN={three}\nf()"),
        ),
        **style,
    )
    facts = read(text)
    assert [found.virtual_line for found in facts.credentials] == [2, 0, 3]
    for found, secret in zip(facts.credentials, (one, two, three), strict=True):
        assert raw_text_at(text, found.span.line, found.span.column).startswith(secret)
        assert found.span.end_column - found.span.column == len(secret)
    kept = repr(facts)
    assert not any(secret in kept for secret in (one, two, three))


def test_a_password_in_a_magic_is_masked():
    (cell,) = read(dump(notebook(code("%env DB_PASSWORD=k3-Zq9w!u")))).notebook.cells
    assert [one.text for one in cell.magics] == ["%env DB_PASSWORD=k…(9)"]


def test_suppressions_have_lines_of_code():
    mark = "# mlaudit" + ": "
    text = dump(
        notebook(
            code("x = 1\ny = 2"),
            code(f"z = 3  {mark}ignore[a] why\n!ls  {mark}ignore[b]"),
            code(f"%%bash\n{mark}ignore[c]\nls"),
            code(f"s = '{mark}ignore[d]'\n{mark}ignore"),
            markdown(f"{mark}ignore[e]"),
        )
    )
    facts = read(text)
    assert [(one.rules, one.line) for one in facts.suppressions] == [
        (("a",), 3),
        (("b",), 4),
        (("c",), 6),
    ]
    (problem,) = facts.problems
    assert "malformed suppression" in problem.reason
    assert (
        text.split("\n")[problem.line - 1].strip()
        == f'"source": "s = \'{mark}ignore[d]\'\\n{mark}ignore"'
    )


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "is empty", 1),
        ("{\n\n 1}", "is no valid JSON", 3),
        ('{"cells": [\n{"source": "x"', "is no valid JSON", 2),
        ("<<<<<<< HEAD\n{}", "is no valid JSON", 1),
        ('{"cells": []} x', "is no valid JSON", 1),
        ("[]", "is JSON, but no notebook", 0),
        ("{}", "is JSON, but no notebook", 0),
        ('{"cells": {}}', "is JSON, but no notebook", 0),
        ("null", "is JSON, but no notebook", 0),
        ("[" * 100_000, "is nested too deeply", 0),
        ('{"cells": [{"source": [' + "[" * 100_000, "is nested too deeply", 0),
        ('{"nbformat": ' + "9" * 5000 + ', "cells": []}', "is no valid JSON", 0),
        (b"\xff\xfe", "not UTF-8", 0),
    ],
)
def test_what_is_no_notebook(text, reason, line):
    facts = read(text)
    assert facts.notebook is None
    (problem,) = facts.problems
    assert problem.reason.startswith(reason)
    assert problem.line == line


def test_parts_of_the_wrong_kind_are_problems():
    text = dump(notebook(3, code(None), {"source": "x"}, code("f()")))
    facts = read(text)
    assert [problem.reason for problem in facts.problems] == [
        "not as nbformat has it",
        "not as nbformat has it",
        "cell 2 has no type",
    ]
    assert [call.local for call in facts.python.calls] == ["f"]


@pytest.mark.parametrize(
    "value", [None, 3, True, "x", [], ["x"], [1], {}, {"a": 1}, 2**70, -1, 1.5]
)
def test_any_value_may_stand_anywhere(value):
    keys = ["cell_type", "metadata", "source", "outputs", "execution_count", "prompt_number"]
    cells = [{**code("f()"), key: value} for key in keys]
    cells += [code("f()", metadata={"tags": value, "mlaudit": value})]
    cells += [code("f()", metadata={"mlaudit": {"ignore": value}})]
    cells += [code("f()", outputs=[value, {"output_type": value, "data": value, "text": value}])]
    for key in ["metadata", "nbformat", "worksheets"]:
        facts = read(dump({**notebook(*cells), key: value}))
        assert len(facts.notebook.cells) == len(cells)
    whole = notebook(code("f()"))
    whole["metadata"] = {"kernelspec": value, "language_info": value, "widgets": value}
    assert read(dump(whole)).notebook is not None


WHOLE = dump(
    notebook(
        markdown("# é"),
        code(["%%time\n", "x = f('\\n')\n", "!ls"], outputs=secret_outputs("x")),
        code("x = 1"),
    )
)


@settings(max_examples=200)
@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 40),
    st.text(max_size=6) | st.sampled_from([*'"{}[],:\\', "null", "\\ud800", "1e999", "NaN"]),
)
def test_mutated_notebooks_never_crash(start, cut, inserted):
    data = (WHOLE[:start] + inserted + WHOLE[start + cut :]).encode("utf-8", "surrogatepass")
    facts = read(data)
    assert facts.notebook is not None or facts.problems
    if facts.notebook is not None:
        code_cells = [cell for cell in facts.notebook.cells if cell.kind == "code"]
        assert len(facts.notebook.raw_lines) == sum(cell.lines for cell in code_cells)


@given(st.lists(st.text(max_size=20) | st.text('a\n\r\t"\\é😀', max_size=20), max_size=5))
def test_any_source_is_read_where_it_stands(pieces):
    text = json.dumps(notebook(code(pieces), code("last = 1")))
    facts = read(text)
    raw = facts.notebook.raw_lines[-1]
    assert raw_text_at(text, raw.line, raw.column).startswith("last = 1")
    source = "".join(pieces).replace("\r\n", "\n").replace("\r", "\n")
    assert facts.notebook.cells[0].lines >= len(source.removesuffix("\n").split("\n")) - (
        not source
    )


def test_a_problem_is_shown_once():
    assert read("").problems == (Problem("is empty", 1),)
