"""What answers requests, and whether it does so with a model."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.profile import Profile, profile
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo


def project(root: Path, **files: str) -> Project:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yaml", ".yaml")
        path = path if path.suffix else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    repo = open_repo([root])
    return Project(repo, read_facts(repo, repo.files).facts)


def answering(root: Path, text: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    found = project(root, app=text).serving.handlers
    return [(one.framework, one.route, one.methods) for one in found]


@pytest.mark.parametrize(
    ("text", "framework", "route", "methods"),
    [
        (
            "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/p')\ndef f(): ...",
            "fastapi", "/p", ("POST",),
        ),
        (
            ("from fastapi import APIRouter\nr = APIRouter()\n"
            "@r.api_route(path='/p', methods=['get', 'POST'])\ndef f(): ..."),
            "fastapi", "/p", ("GET", "POST"),
        ),
        (
            ("from fastapi import FastAPI\ndef f(): ...\napp = FastAPI()\n"
            "app.add_api_route('/p', f, methods=['POST'])"),
            "fastapi", "/p", ("POST",),
        ),
        (
            ("from fastapi import FastAPI\ndef make():\n    app = FastAPI()\n"
            "    @app.get('/p')\n    def f(): ...\n    return app"),
            "fastapi", "/p", ("GET",),
        ),
        (
            ("from flask import Blueprint\nb = Blueprint('b', __name__)\n"
            "@b.route('/p', methods=['POST'])\ndef f(): ..."),
            "flask", "/p", ("POST",),
        ),
        (
            ("from flask import Flask\nfrom flask.views import MethodView\n"
            "class V(MethodView):\n    def post(self): ...\n"
            "app = Flask(__name__)\napp.add_url_rule('/p', view_func=V.as_view('v'))"),
            "flask", "/p", ("POST",),
        ),
        (
            ("from starlette.routing import Route\nasync def f(request): ...\n"
            "routes = [Route('/p', f, methods=['POST'])]"),
            "starlette", "/p", ("POST",),
        ),
        (
            ("from aiohttp import web\nasync def f(request): ...\napp = web.Application()\n"
            "app.add_routes([web.post('/p', f)])"),
            "aiohttp", "/p", ("POST",),
        ),
        ("from litestar import post\n@post('/p')\nasync def f(): ...", "litestar", "/p", ("POST",)),
        (
            ("import bentoml\n@bentoml.service\nclass S:\n    @bentoml.api(route='/p')\n"
            "    def f(self): ..."),
            "bentoml", "/p", (),
        ),
        (
            "from kserve import Model\nclass M(Model):\n    def predict(self, payload): ...",
            "kserve", None, (),
        ),
        (
            "from cog import BasePredictor\nclass P(BasePredictor):\n    def predict(self): ...",
            "cog", None, (),
        ),
        (
            ("from ts.torch_handler.base_handler import BaseHandler\n"
            "class H(BaseHandler):\n    def inference(self, data): ..."),
            "ts", None, (),
        ),
        ("def lambda_handler(event, _): ...", "lambda", None, ()),
        ("def init():\n    global m\n    m = 1\ndef run(raw_data): ...", "azureml", None, ()),
        (
            "def model_fn(folder): ...\ndef predict_fn(data, model): ...",
            "sagemaker", None, (),
        ),
    ],
)  # fmt: skip
def test_handlers_are_found(tmp_path, text, framework, route, methods):
    assert (framework, route, methods) in answering(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "def get(path): ...\n@get('/p')\ndef f(): ...",
        "import requests\nrequests.get('/p')",
        "class App:\n    def post(self, path): ...\napp = App()\n@app.post('/p')\ndef f(): ...",
        "def handler(event): ...",
        "def init(): ...\ndef run(args): ...",
        "import ray\n@ray.remote\ndef f(): ...",
        "from fastapi import FastAPI\napp = FastAPI()\n@app.middleware('http')\ndef f(): ...",
    ],
)
def test_other_functions_are_no_handlers(tmp_path, text):
    assert answering(tmp_path, text) == []


def test_a_web_application_without_a_model_serves_none(tmp_path: Path) -> None:
    text = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/p')\ndef f(): return []\n"
    found = project(tmp_path, app=text)
    assert found.serving.handlers
    assert not found.serving.served
    assert profile(found) is Profile.RESEARCH


@pytest.mark.parametrize(
    "model",
    [
        "import joblib\ndef load():\n    return joblib.load('m')\n",
        "from transformers import pipeline\ndef load():\n    return pipeline('x')\n",
        "def load():\n    return registry.current().predict([1])\n",
    ],
)
def test_a_model_is_reached_through_other_modules(tmp_path, model):
    app = """
        from flask import Flask
        from loading import load
        app = Flask(__name__)
        @app.post("/p")
        def f(): return load()
    """
    found = project(tmp_path, app=app, loading=model)
    assert [one.route for one in found.serving.of_models] == ["/p"]
    assert profile(found) is Profile.PRODUCTION


def test_routes_stand_where_the_application_is_imported(tmp_path: Path) -> None:
    application = "from flask import Flask\napp = Flask(__name__)\n"
    routes = "from application import app\n@app.get('/p')\ndef f(): ...\n"
    found = project(tmp_path, application=application, routes=routes)
    assert [one.path for one in found.serving.handlers] == ["routes.py"]


def test_a_class_may_add_its_own_methods(tmp_path: Path) -> None:
    text = """
        from fastapi import FastAPI
        class Api:
            def __init__(self, app: FastAPI):
                self.app = app
                self.add_api_route("/p", self.answer, methods=["POST"])
            def add_api_route(self, path, endpoint, **rest):
                return self.app.add_api_route(path, endpoint, **rest)
            def answer(self): ...
    """
    assert answering(tmp_path, text) == [("fastapi", "/p", ("POST",))]


def test_a_function_may_have_several_routes(tmp_path: Path) -> None:
    text = """
        from fastapi import FastAPI
        app = FastAPI()
        @app.get("/")
        @app.get("/health")
        def f(): ...
    """
    assert [route for _, route, _ in answering(tmp_path, text)] == ["/", "/health"]


def test_tests_and_examples_serve_nobody(tmp_path: Path) -> None:
    text = "import bentoml\n@bentoml.service\nclass S:\n    @bentoml.api\n    def f(self): ...\n"
    found = project(tmp_path, tests__service=text, examples__service=text)
    assert not found.serving.served


def test_a_manifest_serves_without_code(tmp_path: Path) -> None:
    manifest = """
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {name: churn}
    """
    serving = project(tmp_path, deploy__churn_yaml=manifest).serving
    assert [unit.path for unit in serving.units] == ["deploy/churn.yaml"]
    assert serving.served


def test_a_library_that_is_called_offline_is_no_unit(tmp_path: Path) -> None:
    found = project(tmp_path, generate="import vllm\nprint(vllm.LLM('m').generate(['a']))\n")
    assert not found.serving.served


def test_a_demo_is_no_online_server(tmp_path: Path) -> None:
    text = "import gradio as gr, joblib\nmodel = joblib.load('m')\ngr.Interface(model.predict)\n"
    serving = project(tmp_path, demo_app=text).serving
    assert serving.demos == ("demo_app.py",)
    assert not serving.served
