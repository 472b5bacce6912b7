"""What runs for each request is followed; what runs once, or on purpose, is left alone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mlaudit.rules.examples import run_example
from mlaudit.rules.loading import load_rules
from mlaudit.rules.model import Example

KNOWLEDGE = load_rules()
LOADED = """import joblib
from fastapi import FastAPI, Depends, Request, HTTPException
app = FastAPI()
P = "model.joblib"
"""
ANSWERING = LOADED + "model = joblib.load(P)\n"


def found(rule: str, text: str) -> bool:
    one = replace(KNOWLEDGE.by_word[rule], examples=(Example(good=text, path="app.py"),))
    failure = run_example(one, 1, KNOWLEDGE.apis)
    assert failure is None or not failure.crash, failure.crash
    return failure is not None


@pytest.mark.parametrize(
    "text",
    [
        "@app.post('/p')\ndef p(): return joblib.load(P).predict([1])",
        "@app.post('/p')\ndef p():\n    with open(P) as f:\n        return joblib.load(f)",
        "def get(): return joblib.load(P)\n@app.post('/p')\ndef p(): return get().predict([1])",
        "def get(path): return joblib.load(path)\n@app.post('/p')\ndef p(): return get(P)",
        (
            "class M:\n    def __init__(self): self.m = joblib.load(P)\n"
            "@app.post('/p')\ndef p(): return M().m.predict([1])"
        ),
        (
            "@app.post('/p')\ndef p():\n    try:\n        return joblib.load(P).predict([1])\n"
            "    except ValueError:\n        return None"
        ),
        (
            "@app.post('/p')\ndef p(k: str):\n    if k == 'churn':\n        m = joblib.load(P)\n"
            "    return m.predict([1])"
        ),
    ],
)
def test_loaded_for_each_request(text):
    assert found("OPS001", LOADED + text)


@pytest.mark.parametrize(
    "text",
    [
        "m = joblib.load(P)\n@app.post('/p')\ndef p(): return m.predict([1])",
        "m = None\n@app.post('/p')\ndef p():\n    global m\n    m = m or joblib.load(P)",
        (
            "@app.on_event('startup')\ndef start(): app.state.m = joblib.load(P)\n"
            "@app.post('/p')\ndef p(): return app.state.m.predict([1])"
        ),
        (
            "@app.post('/p')\ndef p():\n    if not hasattr(app.state, 'm'):\n"
            "        app.state.m = joblib.load(P)\n    return app.state.m.predict([1])"
        ),
        (
            "known = {}\n@app.post('/p')\ndef p():\n    try:\n        m = known['m']\n"
            "    except KeyError:\n        m = known['m'] = joblib.load(P)\n    return m"
        ),
        (
            "known = {}\ndef get(name):\n    return known.setdefault(name, joblib.load(P))\n"
            "@app.post('/p')\ndef p(): return get('m').predict([1])"
        ),
        (
            "class M:\n    m = None\n    @classmethod\n    def get(cls):\n        if not cls.m:\n"
            "            cls.m = joblib.load(P)\n        return cls.m\n"
            "@app.post('/p')\ndef p(): return M.get().predict([1])"
        ),
        (
            "from functools import cache\n@cache\ndef get(): return joblib.load(P)\n"
            "@app.post('/p')\ndef p(): return get().predict([1])"
        ),
        (
            "def get(path): return joblib.load(path)\n"
            "@app.post('/p')\ndef p(name: str): return get('models/' + name).predict([1])"
        ),
        (
            "@app.post('/p')\nasync def p(request: Request):\n    body = await request.json()\n"
            "    return joblib.load(body['model']).predict([1])"
        ),
        "@app.post('/reload')\ndef p(): app.state.m = joblib.load(P)",
        "def main(): return joblib.load(P)\n@app.post('/p')\ndef p(): return m.predict([1])",
    ],
)
def test_loaded_once_or_on_purpose(text):
    assert not found("OPS001", LOADED + text)


def caught(body: str, kinds: str = "Exception as e") -> str:
    return (
        f"{ANSWERING}@app.post('/p')\ndef p():\n    try:\n        return model.predict([1])\n"
        f"    except {kinds}:\n        {body}\n"
    )


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("return {'error': str(e)}", "Exception as e"),
        ("return {'error': f'failed: {e}'}", "Exception as e"),
        ("return {'error': 'failed: {}'.format(e)}", "Exception as e"),
        ("raise HTTPException(500, detail=str(e))", "Exception as e"),
        ("raise HTTPException(500, detail='failed: ' + str(e)) from e", "RuntimeError as e"),
        ("raise HTTPException(400, detail=str(e))", "Exception as e"),
        ("raise HTTPException(500, detail=str(e))", "ValueError as e"),
        ("raise HTTPException(500, detail=e.args[0])", "Exception as e"),
        ("text = repr(e)\n        return {'error': text}", "Exception as e"),
        ("return {'statusCode': 500, 'body': str(e)}", "(OSError, RuntimeError) as e"),
    ],
)
def test_text_of_an_error_is_sent(body, kinds):
    assert found("OPS004", caught(body, kinds))


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("print(e)\n        return {'error': 'failed'}", "Exception as e"),
        ("return {'error': type(e).__name__}", "Exception as e"),
        ("raise HTTPException(500) from e", "Exception as e"),
        ("raise", "Exception as e"),
        ("raise RuntimeError(str(e))", "Exception as e"),
        ("raise HTTPException(422, detail=str(e))", "ValueError as e"),
        ("raise HTTPException(404, detail=str(e))", "FileNotFoundError as e"),
        ("raise HTTPException(e.status_code, e.detail)", "HTTPException as e"),
        ("return {'error': str(e)}", "KeyError as e"),
        ("return {'error': str(e) if DEBUG else 'failed'}", "Exception as e"),
        ("return answer(e)", "Exception as e"),
    ],
)
def test_text_of_an_error_stays_inside(body, kinds):
    assert not found("OPS004", caught(body, kinds))


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("return {'model_version': '1.2'}", True),
        ("return {'meta': {'model_version': 3}}", True),
        ("answer = {'model_version': 'v1'}\n    return answer", True),
        ("return {'model_version': model.version}", False),
        ("return {'model_version': 'unknown'}", False),
        ("return {'version': '1.2'}", False),
        ("log({'model_version': '1.2'})\n    return 1", False),
    ],
)
def test_version_of_the_model(text, speaks):
    assert found("OPS005", f"{ANSWERING}@app.post('/p')\ndef p():\n    {text}\n") is speaks
