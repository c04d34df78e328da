"""The files written out in docs/contributing.md are found, and do what the page says."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bofcheck._registry import discover
from bofcheck.compare import Cell, Role, Status, Study, analyse, fit_constants
from bofcheck.compare.papers.zhang2025.ledger import all_claims
from bofcheck.simulate import EngineError, Problem, engine_names, train
from bofcheck.simulate import engines as engine_folder
from bofcheck.theory import benign, continuity_identities, get_theorem

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
EASY = Problem(n_samples=6, dim=10_000, noise_std=0.01, learning_rate=0.3, test_tokens=8)


def example(constant):
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (block,) = (text for text in blocks if f"\n{constant} = " in text and '"""' in text)
    return block


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Put an example's file into a folder of the package, as a contributor would."""
    modules = []

    def add(package, name, text):
        folder = sys.modules[package]
        monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
        (tmp_path / f"{name}.py").write_text(text)
        modules.append(f"{package}.{name}")

    yield add
    for name in modules:
        sys.modules.pop(name, None)
    discover.cache_clear()
    all_claims.cache_clear()


def test_every_place_of_the_table_is_there():
    table = [line.split("|")[2] for line in PAGE.splitlines() if line.startswith("| a")]
    folders = re.findall(r"`([\w/]+)/(?:NAME\.\w+)?`", "\n".join(table))
    assert len(folders) == 19
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_the_theorem(added):
    added("bofcheck.theory.theorems", "tuned", example("THEOREM"))
    discover.cache_clear()
    theorem = get_theorem("tuned")
    assert "w" not in {str(symbol) for symbol in theorem.bound("B2").expr.free_symbols}
    assert all(identity.holds() for identity in continuity_identities(theorem))
    assert theorem.bound("B3") == benign.bound("B3")


def test_the_engine(added):
    added(engine_folder.__name__, "careful", example("ENGINE"))
    assert "careful" in engine_names()
    careful = train(EASY, seeds=2, steps=5, engine="careful")
    span = train(EASY, seeds=2, steps=5, engine="span")
    np.testing.assert_array_equal(careful["train_loss"], span["train_loss"])
    with pytest.raises(EngineError, match="careful trains at most 100"):
        train(EASY.replace(n_samples=101), seeds=1, steps=1, engine="careful")


def test_the_claim(added):
    added("bofcheck.compare.papers.zhang2025.ledger", "drift", example("CLAIMS"))
    discover.cache_clear()
    all_claims.cache_clear()
    claim = all_claims()["M11"]
    cell = Cell("out", Role.HELD_OUT, "stage", EASY, 20)
    result = analyse(cell, train(EASY, seeds=70, steps=20), benign)
    verdict = claim.check.decide(claim, fit_constants(Study(benign, (result,))))
    assert verdict.status is Status.HOLDS  # attention hardly moves in 20 steps
    assert "70 held-out runs drift apart" in verdict.reason


def test_the_examples_pass_the_linter():
    for constant in ("THEOREM", "ENGINE", "CLAIMS"):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--select", "E,F,I,UP,B",
             "--line-length", "100", "--stdin-filename", "x.py", "-"],
            input=example(constant), text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout
