"""What containers start, followed from the image to the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.engine import match_rules
from mlaudit.rules.loading import load_rules

KNOWLEDGE = load_rules()
RULE = KNOWLEDGE.by_word["OPS008"]
SERVICE = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")

@app.post("/predict")
def predict(row: list[float]):
    return model.predict([row]).tolist()
"""
FROM = "FROM python:3.11-slim\n"


@pytest.fixture
def found(tmp_path: Path) -> Callable[[dict[str, str]], list[str]]:
    def run(files: dict[str, str]) -> list[str]:
        for path, text in {"service.py": SERVICE, **files}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        repo = open_repo([tmp_path])
        project = Project(repo, read_facts(repo, repo.files).facts)
        matched = match_rules(project, [RULE], KNOWLEDGE.apis)
        assert matched.crashes == ()
        return [
            f"{one.spot.path}:{one.spot.span.line} {one.values['what']}" for one in matched.matches
        ]

    return run


@pytest.mark.parametrize(
    ("start", "what"),
    [
        ('CMD ["flask", "run"]', "flask run"),
        ('CMD ["flask", "--app", "service", "run"]', "flask --app service run"),
        ("CMD flask -A service --debug run --host 0.0.0.0", "flask -A service --debug run"),
        ("CMD python -m flask run", "python -m flask run"),
        ("CMD cd /srv && exec fastapi dev service.py", "fastapi dev"),
        ('CMD ["sh", "-c", "uvicorn service:app --reload"]', "uvicorn service:app --reload"),
        ("CMD poetry run gunicorn service:app --reload", "gunicorn service:app --reload"),
        ("CMD python manage.py runserver 0.0.0.0:80", "python manage.py runserver"),
        ('ENTRYPOINT ["uvicorn", "service:app"]\nCMD ["--reload"]', "uvicorn service:app --reload"),
        ('ENTRYPOINT ["/unknown/entry.sh"]\nCMD ["flask", "run"]', "flask run"),
        ('ENTRYPOINT ["gosu", "app", "flask", "run"]', "flask run"),
        ('CMD ["flask", "run"]\nCMD ["gunicorn", "service:app"]', ""),
        ('CMD ["uvicorn", "service:app", "--reload-dir", "src"]', ""),
        ('CMD ["flask", "db", "upgrade"]', ""),
        ("CMD uvicorn service:app ${RELOAD:+--reload}", ""),
        ("RUN flask run & sleep 1", ""),
        ("HEALTHCHECK CMD flask run", ""),
        ("CMD [", ""),
    ],
)
def test_what_the_image_starts(found, start, what):
    places = found({"Dockerfile": f"{FROM}{start}\n"})
    assert [place.partition(" ")[2] for place in places] == ([what] if what else [])


def test_a_stage_inherits_what_its_base_starts(found):
    image = FROM.strip() + " AS base\nCMD flask run\nFROM base\nRUN true\n"
    assert found({"Dockerfile": image}) == ["Dockerfile:2 flask run"]


def test_an_entry_point_takes_the_place_of_an_inherited_command(found):
    image = FROM.strip() + ' AS base\nCMD flask run\nFROM base\nENTRYPOINT ["gunicorn"]\n'
    assert found({"Dockerfile": image}) == []


def test_scripts_that_run_each_other_end(found):
    files = {"Dockerfile": f"{FROM}CMD ./a.sh\n", "a.sh": "bash b.sh\n", "b.sh": "sh a.sh\n"}
    assert found(files) == []


def test_a_script_two_steps_away(found):
    main = "def start():\n    uvicorn.run('service:app', reload=True)\n\n"
    main = f"import uvicorn\n\n{main}if __name__ == '__main__':\n    start()\n"
    files = {"Dockerfile": f"{FROM}CMD ./a.sh\n", "a.sh": "python -m main\n", "main.py": main}
    assert found(files) == ["Dockerfile:2 uvicorn.run(reload=True)"]


@pytest.mark.parametrize(
    "line", ['[ "$DEV" ] && flask run', "  flask run", "test -n x || flask run"]
)
def test_what_a_script_may_not_come_to(found, line):
    assert found({"Dockerfile": f"{FROM}CMD ./a.sh\n", "a.sh": f"{line}\n"}) == []


def test_a_reload_that_is_not_known(found):
    main = "import os, uvicorn\nuvicorn.run('service:app', reload=bool(os.getenv('DEV')))\n"
    assert found({"Dockerfile": f"{FROM}CMD python main.py\n", "main.py": main}) == []


@pytest.mark.parametrize(
    "text", ["", "CMD", "FROM", "FROM a\nCMD []\n", "FROM a\nCMD [1]\n", "FROM a\nENTRYPOINT ['x']"]
)
def test_an_image_without_sense_says_nothing(found, text):
    assert found({"Dockerfile": text}) == []


def test_services_of_a_compose_file_are_looked_at_one_by_one(found):
    service = "    command: [flask, run]\n"
    compose = f"services:\n  api:\n{service}  dev:\n{service}  odd: 3\n"
    assert found({"compose.yaml": compose}) == ["compose.yaml:3 flask run"]


def test_the_far_end_of_a_long_script_is_not_known(found):
    script = "# so long\n" * 20_000 + "flask run\n"
    assert found({"Dockerfile": f"{FROM}CMD ./a.sh\n", "a.sh": script}) == []
