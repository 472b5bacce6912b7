"""REP003 on small programs: what is drawn, what was seeded before, what cannot be told."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from mlaudit.audit import audit
from mlaudit.config import Settings
from mlaudit.findings.model import Finding
from mlaudit.rules.model import Persona, Severity

SETTINGS = msgspec.structs.replace(
    Settings(), select=("REP003",), persona=Persona.AUDITOR, min_severity=Severity.NOTE
)

NETWORK = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)

    def forward(self, x):
        return self.layer(x)

def fit(net):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net(torch.ones(1, 4)).sum().backward()
    optimizer.step()
"""


def found(root: Path, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    seen = audit([root], SETTINGS)
    assert not seen.crashes
    return list(seen.funnel.shown)


def program(main: str, **helpers: str) -> dict[str, str]:
    """`train.py` with a network beside it, and helper modules by name."""
    files = {"train.py": dedent(main), "network.py": NETWORK}
    return files | {f"{name}.py": text for name, text in helpers.items()}


SEEDED = {
    "plain": program("""
        import torch
        from network import Net, fit
        torch.manual_seed(0)
        fit(Net())
    """),
    "helper in another file": program(
        """
        from network import Net, fit
        from helpers import prepare
        if __name__ == "__main__":
            prepare()
            fit(Net())
        """,
        helpers="import torch\ndef prepare():\n    torch.manual_seed(0)\n",
    ),
    "helper re-exported by a lazy package": program("""
        from tools import prepare
        from network import Net, fit
        prepare()
        fit(Net())
    """)
    | {
        "tools/__init__.py": """
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                from .seeds import prepare
            else:
                import sys
                sys.modules[__name__] = lazy(__name__)
        """,
        "tools/seeds.py": "import torch\ndef prepare():\n    torch.manual_seed(0)\n",
    },
    "method of an inherited class": program("""
        import torch
        from network import Net, fit
        class Base:
            def __init__(self):
                self.prepare()
            def prepare(self):
                torch.manual_seed(0)
        class Runner(Base):
            def __init__(self):
                super().__init__()
                self.net = Net()
            def run(self):
                fit(self.net)
        Runner().run()
    """),
    "partial": program("""
        from functools import partial
        import torch
        from network import Net, fit
        seed = partial(torch.manual_seed, 3)
        seed()
        fit(Net())
    """),
    "lambda": program("""
        import torch
        from network import Net, fit
        seed = lambda: torch.manual_seed(3)
        seed()
        fit(Net())
    """),
    "decorator": program("""
        import functools, torch
        from network import Net, fit
        def seeded(function):
            @functools.wraps(function)
            def run():
                torch.manual_seed(0)
                return function()
            return run
        @seeded
        def main():
            fit(Net())
        main()
    """),
    "table of functions": program("""
        import sys, torch
        from network import Net, fit
        def train():
            torch.manual_seed(0)
            fit(Net())
        COMMANDS = {"train": train}
        COMMANDS[sys.argv[1]]()
    """),
    "option with a default": program("""
        import argparse, torch
        from network import Net, fit
        parser = argparse.ArgumentParser()
        parser.add_argument("--seed", type=int, default=7)
        args = parser.parse_args()
        if args.seed is not None:
            torch.manual_seed(args.seed)
        fit(Net())
    """),
    "Lightning": program("""
        import lightning as L
        from network import Net
        L.seed_everything(1)
        L.Trainer().fit(Net())
    """),
    "Fabric's method": program("""
        from lightning import Fabric
        from network import Net, fit
        fabric = Fabric()
        fabric.seed_everything(1)
        fit(Net())
    """),
    "command of typer": program("""
        import torch, typer
        from network import Net, fit
        app = typer.Typer()
        @app.command()
        def main():
            torch.manual_seed(0)
            fit(Net())
        if __name__ == "__main__":
            app()
    """),
    "loader made before the seed, used after it": program("""
        import torch
        from torch.utils.data import DataLoader
        from network import fit
        data = DataLoader([1, 2, 3], shuffle=True)
        torch.manual_seed(0)
        weights = torch.zeros(3, requires_grad=True)
        optimizer = torch.optim.SGD([weights], lr=0.1)
        for row in data:
            (weights * row).sum().backward()
            optimizer.step()
    """),
    "numbers of a folder's name": {
        "train.py": """
            import random, string
            from sklearn.linear_model import LinearRegression
            def run_name():
                return "".join(random.choices(string.ascii_letters, k=8))
            print(run_name())
            LinearRegression().fit([[0.0], [1.0]], [0, 1])
        """
    },
    "drawn after training": {
        "train.py": """
            import numpy as np
            from sklearn.linear_model import LinearRegression
            model = LinearRegression().fit([[0.0], [1.0]], [0, 1])
            print(model.predict([[np.random.rand()]]))
        """
    },
    "in worker processes, which torch seeds": program("""
        import numpy as np, torch
        from torch.utils.data import DataLoader, Dataset
        from network import Net, fit
        class Rows(Dataset):
            def __len__(self):
                return 4
            def __getitem__(self, index):
                return np.random.rand(4)
        torch.manual_seed(0)
        loader = DataLoader(Rows(), num_workers=2)
        fit(Net())
    """),
}


@pytest.mark.parametrize("name", SEEDED)
def test_seeded_is_silent(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, SEEDED[name]) == []


UNSEEDED = {
    "no seed": program("""
        from network import Net, fit
        fit(Net())
    """),
    "seed after the draw": program("""
        import torch
        from network import Net, fit
        net = Net()
        torch.manual_seed(0)
        fit(net)
    """),
    "seed of another library": program("""
        import numpy as np, random
        from network import Net, fit
        np.random.seed(0)
        random.seed(0)
        fit(Net())
    """),
    "seed of the GPUs alone": program("""
        import torch
        from network import Net, fit
        torch.cuda.manual_seed_all(0)
        fit(Net())
    """),
    "helper that is never called": program(
        "from helpers import prepare\nfrom network import Net, fit\nfit(Net())\n",
        helpers="import torch\ndef prepare():\n    torch.manual_seed(0)\n",
    ),
    "seed in the main guard of what is imported": program(
        "from other import train\nif __name__ == '__main__':\n    train()\n",
        other="""
            import torch
            from network import Net, fit
            def train():
                fit(Net())
            def main():
                torch.manual_seed(0)
                train()
        """,
    ),
    "seed in worker processes alone": program("""
        import torch
        from torch.utils.data import DataLoader
        from network import Net, fit
        def start(number):
            torch.manual_seed(number)
        loader = DataLoader([1, 2], worker_init_fn=start)
        fit(Net())
    """),
    "seed without a number": program("""
        import torch
        from network import Net, fit
        torch.seed()
        fit(Net())
    """),
    "seed of None": {
        "train.py": """
            import numpy as np
            from sklearn.linear_model import LinearRegression
            np.random.seed(None)
            rows = np.random.permutation(9)
            LinearRegression().fit([[r] for r in rows], rows)
        """
    },
    "weights drawn by a Trainer's model before it seeds": {
        "train.py": """
            from transformers import AutoModelForCausalLM, Trainer
            model = AutoModelForCausalLM.from_config(config)
            Trainer(model=model).train()
        """
    },
    "dataset that draws in the main process": program("""
        import numpy as np, torch
        from torch.utils.data import DataLoader, Dataset
        from network import Net, fit
        class Rows(Dataset):
            def __getitem__(self, index):
                return np.random.rand(4)
        torch.manual_seed(0)
        loader = DataLoader(Rows())
        fit(Net())
    """),
    "Keras after a seed of TensorFlow": {
        "train.py": """
            import tensorflow as tf
            tf.random.set_seed(0)
            model = tf.keras.Sequential([tf.keras.layers.Dense(3)])
            model.fit([[0.0]], [0])
        """
    },
}


@pytest.mark.parametrize("name", UNSEEDED)
def test_unseeded_is_found(name: str, tmp_path: Path) -> None:
    seen = found(tmp_path, UNSEEDED[name])
    assert [finding.place.path for finding in seen] == ["train.py"]
    assert seen[0].severity is Severity.WARNING
    assert seen[0].persona is Persona.REGULAR


def test_finding_tells_the_way_and_the_line_to_add(tmp_path: Path) -> None:
    (seen,) = found(
        tmp_path,
        program("""
            from network import Net, fit

            def main():
                net = Net()
                fit(net)

            if __name__ == "__main__":
                main()
        """),
    )
    assert "'torch.nn.Linear' draws from torch" in seen.message
    assert [(step.place.path, step.message) for step in seen.flow] == [
        ("train.py", "runs 'main'"),
        ("train.py", "runs 'Net.__init__'"),
        ("network.py", "'torch.nn.Linear' is called"),
    ]
    assert seen.place.line == 5
    assert "`torch.manual_seed(0)` before train.py:5" in seen.remedy


def test_line_to_add_stands_before_a_loop(tmp_path: Path) -> None:
    (seen,) = found(
        tmp_path,
        program("""
            from network import Net, fit
            for number in range(3):
                print(number)
                fit(Net())
        """),
    )
    assert "before train.py:3" in seen.remedy


def test_helper_of_the_framework_is_advised(tmp_path: Path) -> None:
    (seen,) = found(
        tmp_path,
        program("""
            import lightning
            from network import Net
            lightning.Trainer().fit(Net())
        """),
    )
    assert "`lightning.seed_everything(0)`" in seen.remedy


def test_late_seed_is_named(tmp_path: Path) -> None:
    (seen,) = found(tmp_path, UNSEEDED["seed after the draw"])
    assert "what train.py:5 seeds comes too late" in seen.remedy


def test_several_generators_are_one_finding(tmp_path: Path) -> None:
    (seen,) = found(
        tmp_path,
        program("""
            import numpy as np
            from network import Net, fit
            rows = np.random.permutation(9)
            fit(Net())
        """),
    )
    assert "from torch, and so does the program from NumPy" in seen.message


@pytest.mark.parametrize(
    "call",
    [
        "from toolkit import seed_all\nseed_all(1)",
        "from toolkit import make_deterministic\nmake_deterministic()",
        "import hydra\nhydra.utils.instantiate(config)",
        "from .lost import prepare\nprepare()",
    ],
)
def test_what_may_seed_leaves_a_note_for_auditors(call: str, tmp_path: Path) -> None:
    main = f"from network import Net, fit\n{call}\nfit(Net())\n"
    (seen,) = found(tmp_path, program(main))
    assert (seen.persona, seen.severity) == (Persona.AUDITOR, Severity.NOTE)
    assert "could not be followed" in seen.message


@pytest.mark.parametrize(
    "call", ["config.load()", "from toolkit import train_helper\ntrain_helper()", "env.reset()"]
)
def test_what_is_merely_unknown_seeds_nothing(call: str, tmp_path: Path) -> None:
    main = f"from network import Net, fit\nimport config, env\n{call}\nfit(Net())\n"
    (seen,) = found(tmp_path, program(main))
    assert seen.persona is Persona.REGULAR


def test_option_without_default_is_a_note(tmp_path: Path) -> None:
    files = program(str(SEEDED["option with a default"]["train.py"]).replace(", default=7", ""))
    (seen,) = found(tmp_path, files)
    assert seen.severity is Severity.NOTE
    assert "'--seed' given" in seen.message
    assert "Give '--seed' a default" in seen.remedy


def test_option_without_default_is_enough_for_an_example(tmp_path: Path) -> None:
    files = program(str(SEEDED["option with a default"]["train.py"]).replace(", default=7", ""))
    assert found(tmp_path, {f"examples/{name}": text for name, text in files.items()}) == []


def test_examples_are_a_level_lower_and_tests_silent(tmp_path: Path) -> None:
    files = UNSEEDED["no seed"]
    both = {f"{folder}/{n}": t for folder in ("examples", "tests") for n, t in files.items()}
    (seen,) = found(tmp_path, both)
    assert (seen.place.path, seen.severity) == ("examples/train.py", Severity.NOTE)


def test_library_is_silent(tmp_path: Path) -> None:
    package = {
        "pyproject.toml": """
            [build-system]
            requires = ["hatchling"]
            build-backend = "hatchling.build"
            [project]
            name = "nets"
            version = "1"
            classifiers = ["Programming Language :: Python :: 3"]
        """,
        "nets/__init__.py": "",
        "nets/train.py": "from nets.network import Net, fit\nif __name__ == '__main__':\n"
        "    fit(Net())\n",
        "nets/network.py": NETWORK,
    }
    assert found(tmp_path, package) == []


def test_inference_is_silent(tmp_path: Path) -> None:
    main = "import torch\nfrom network import Net\nprint(Net()(torch.randn(1, 4)))\n"
    assert found(tmp_path, program(main)) == []


def test_backward_without_a_step_only_measures(tmp_path: Path) -> None:
    main = "import torch\nx = torch.randn(3, requires_grad=True)\nx.sum().backward()\n"
    assert found(tmp_path, {"measure.py": main}) == []


def test_model_made_anew_behind_the_seed_is_repeatable(tmp_path: Path) -> None:
    main = """
        import torch
        from network import Net, fit
        print(Net())
        torch.manual_seed(0)
        fit(Net())
    """
    assert found(tmp_path, program(main)) == []


def test_console_script_of_a_program_is_reported_once(tmp_path: Path) -> None:
    files = program("""
        from network import Net, fit
        def main():
            fit(Net())
        if __name__ == "__main__":
            main()
    """)
    files["pyproject.toml"] = '[project]\nname = "x"\n[project.scripts]\nt = "train:main"\n'
    assert len(found(tmp_path, files)) == 1


def test_old_keras_is_seeded_by_tensorflow(tmp_path: Path) -> None:
    files = UNSEEDED["Keras after a seed of TensorFlow"] | {
        "requirements.txt": "tensorflow==2.4.0\n"
    }
    assert found(tmp_path, files) == []
