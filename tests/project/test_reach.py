"""What programs run, in order."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from mlaudit.project.glance import Glance
from mlaudit.project.linking.starting import find_entry
from mlaudit.project.linking.steps import Site
from mlaudit.repo.opening import open_repo


def reached(root: Path, main: str, **others: str) -> list[str]:
    """The library functions that `main.py` calls, in order."""
    (root / "main.py").write_text(dedent(main))
    for name, text in others.items():
        (root / f"{name}.py").write_text(dedent(text))
    project = Glance(open_repo([root]))
    entry = find_entry(project, "main.py", "")
    steps = [step for step, _ in project.program.graph.walk(entry)]
    return [step.name for step in steps if isinstance(step, Site) and step.name]


def test_calls_are_followed_where_they_stand(tmp_path: Path) -> None:
    main = """
        import lib, other
        lib.first()
        other.work()
        lib.last()
    """
    other = "import lib\nlib.on_import()\ndef work():\n    lib.inside()\n"
    names = reached(tmp_path, main, other=other)
    assert names == ["lib.on_import", "lib.first", "lib.inside", "lib.last"]


def test_an_import_runs_where_it_stands(tmp_path: Path) -> None:
    main = "import lib\nlib.first()\nimport other\nlib.last()\n"
    names = reached(tmp_path, main, other="import lib\nlib.on_import()\n")
    assert names == ["lib.first", "lib.on_import", "lib.last"]


def test_main_guard_runs_in_the_program_alone(tmp_path: Path) -> None:
    guarded = "import lib\nif __name__ == '__main__':\n    lib.guarded()\n"
    assert reached(tmp_path, guarded) == ["lib.guarded"]
    assert reached(tmp_path, "import lib, other\nlib.f()\n", other=guarded) == ["lib.f"]


def test_function_handed_over_runs_after_what_takes_it(tmp_path: Path) -> None:
    main = """
        import lib
        def work():
            lib.inside()
        lib.spawn(work)
    """
    assert reached(tmp_path, main) == ["lib.spawn", "lib.inside"]


def test_function_of_another_process_is_not_run(tmp_path: Path) -> None:
    main = """
        import lib
        def start(number):
            lib.seed(number)
        lib.DataLoader([], worker_init_fn=start)
    """
    assert reached(tmp_path, main) == ["lib.DataLoader"]


def test_methods_of_objects_that_a_library_gets(tmp_path: Path) -> None:
    main = """
        import lib
        class Model(lib.Module):
            def training_step(self):
                lib.step()
            def unrelated(self):
                lib.never()
        model = Model()
        lib.Trainer().fit(model)
    """
    names = reached(tmp_path, main)
    assert "lib.step" in names
    assert "lib.never" not in names


def test_what_a_test_of_types_names_is_not_run(tmp_path: Path) -> None:
    main = """
        import lib
        class Model:
            def __init__(self):
                lib.draw()
        print(isinstance(lib.get(), Model))
    """
    assert "lib.draw" not in reached(tmp_path, main)


def test_inherited_constructor_of_a_library(tmp_path: Path) -> None:
    assert reached(tmp_path, "import lib\nclass A(lib.Layer): ...\nA()\n") == ["lib.Layer"]


def test_wrapper_of_a_decorator_runs_first(tmp_path: Path) -> None:
    main = """
        import lib
        def timed(function):
            def run():
                lib.start()
                function()
            return run
        @timed
        def work():
            lib.inside()
        work()
    """
    assert reached(tmp_path, main) == ["lib.start", "lib.inside"]


def test_registered_commands_run_with_their_application(tmp_path: Path) -> None:
    main = """
        import typer
        app = typer.Typer()
        @app.command()
        def train():
            typer.echo()
        app()
    """
    assert reached(tmp_path, main)[-1] == "typer.echo"


def test_recursion_ends(tmp_path: Path) -> None:
    main = "import lib\ndef a():\n    b()\ndef b():\n    a()\n    lib.f()\na()\n"
    assert reached(tmp_path, main) == ["lib.f"]


def test_method_is_that_of_the_object(tmp_path: Path) -> None:
    main = """
        import lib
        class Base:
            def prepare(self):
                lib.base()
            def run(self):
                self.prepare()
                lib.run()
        class Own(Base):
            def prepare(self):
                lib.own()
        Own().run()
    """
    assert reached(tmp_path, main) == ["lib.own", "lib.run"]


def test_base_and_subclass_are_told_apart(tmp_path: Path) -> None:
    main = """
        import lib
        class Base:
            def __init__(self):
                self.prepare()
            def prepare(self):
                lib.base()
        class Own(Base):
            def prepare(self):
                super().prepare()
                lib.own()
        Base()
        Own()
    """
    names = [name for name in reached(tmp_path, main) if name.startswith("lib.")]
    assert names == ["lib.base", "lib.base", "lib.own"]


def test_context_managers_enclose_their_block(tmp_path: Path) -> None:
    main = """
        import lib
        from contextlib import contextmanager
        class Outer:
            def __enter__(self):
                lib.enter()
            def __exit__(self, *error):
                lib.leave()
        @contextmanager
        def inner():
            lib.before()
            yield
            lib.after()
        with Outer():
            lib.first()
            with inner():
                lib.second()
        lib.last()
    """
    assert reached(tmp_path, main) == [
        "lib.enter", "lib.first", "lib.before", "lib.second", "lib.after", "lib.leave", "lib.last",
    ]  # fmt: skip


def test_functions_that_a_loop_or_a_name_picks(tmp_path: Path) -> None:
    main = """
        import lib, other
        def own():
            lib.own()
        for f in (lib.a, own):
            f(1)
        TURNS = [lib.b, lib.c]
        for g in TURNS:
            g(1)
        getattr(other, "work")()
        h = getattr(lib, "d")
        h()
    """
    other = "import lib\ndef work():\n    lib.work()\n"
    names = [name for name in reached(tmp_path, main, other=other) if name.startswith("lib.")]
    assert names == ["lib.a", "lib.own", "lib.b", "lib.c", "lib.work", "lib.d"]
