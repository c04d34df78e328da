"""A verification small enough to train in a second, real in every other respect."""

import importlib
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bofcheck.cli.entry import run
from bofcheck.compare import report
from bofcheck.compare.cells import Cell, Role, Study, analyse
from bofcheck.compare.discrimination import Discrimination, NumberShape, Shape, WrongPower
from bofcheck.compare.figures import study_figures
from bofcheck.compare.figures.table import Table
from bofcheck.compare.fitting.constants import fit_constants
from bofcheck.compare.papers.zhang2025.designs import Design
from bofcheck.compare.papers.zhang2025.ledger import all_claims
from bofcheck.compare.verdict import Scope, Status, Verdict
from bofcheck.compare.verify import Plan, Verification
from bofcheck.simulate import Problem, train
from bofcheck.theory import Provenance, get_theorem

BENIGN = Problem(
    n_samples=10,
    dim=10**6,
    key_dim=1000,
    noise_std=1e-3,
    flip_prob=0.1,
    learning_rate=0.5,
    target_loss=0.2,
    init_std_v=0.05,
    test_tokens=32,
)
#: Claims that are decided on the tiny preset.
FEW = ("A1", "A5", "B1", "B2", "H1")
#: The number of each verdict, in the order of the verdicts.
NUMBERS = (0.0123, 0.07, 0.04, None, float("nan"), float("inf"), -1.0)
SETTINGS = {
    "regime": "both", "preset": "tiny", "seeds": None, "engine": "span", "device": "cpu",
}  # fmt: skip
#: What stands beside the statements that hold, of which less than half of the wrong powers are
#: rejected, and beside those that erode.
BESIDE = {
    Status.HOLDS: Discrimination(
        Shape(
            (
                NumberShape("t", "sharp", -0.02, -0.1, 0.06, 31.0, reach=(0.0, math.inf)),
                NumberShape("mu", "untested", 0.3, -0.5, 1.1, 1.2, "12× would tell"),
                NumberShape("d", "untested", varied=1.0, why="it does not vary among the cells"),
            ),
            cells=3,
        ),
        (
            WrongPower("t", -0.5, True, by="shape"),
            WrongPower("t", 0.5, False, weaker=True),
            WrongPower("mu", -0.5, False),
            WrongPower("mu", None, False),
        ),
        tightest=0.75, typical=2.3,
        extrapolated={"t": 4.0, "mu": 1.1},
        constants={"C2": {"b0": 0.5, "b2": 0.75}},
    ),
    Status.ERODES: Discrimination(
        Shape(
            (NumberShape("t", "eroding", -0.5, -0.6, -0.4, 31.0, reach=(0.0, math.inf)),), cells=3
        ),
        tightest=0.1, typical=0.2,
    ),
}  # fmt: skip
HARMFUL = BENIGN.replace(signal_norm=0.03, flip_prob=0.0, init_std_v=0.02)


def cells(problem: Problem, letter: str) -> tuple[Cell, ...]:
    roles = (Role.CALIBRATION, Role.CALIBRATION, Role.HELD_OUT)
    return tuple(
        Cell(f"{letter}{rank}", role, "stage", problem.replace(seed=rank), 400, "tiny")
        for rank, role in enumerate(roles)
    )


@pytest.fixture(scope="session", autouse=True)
def pictures_drawn_once() -> Iterator[dict[tuple[object, ...], dict[str, bytes]]]:
    """A figure's files depend on its table alone: the tests draw each once, until it is cleared."""
    draw_files = study_figures._draw_files
    drawn: dict[tuple[object, ...], dict[str, bytes]] = {}

    def once(name: str, table: Table) -> dict[str, bytes]:
        key = (name, table.to_csv(), study_figures.draw, study_figures.render)
        if key not in drawn:
            drawn[key] = draw_files(name, table)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_figures, "_draw_files", once)
        yield drawn


@pytest.fixture(scope="session")
def preset() -> Design:
    both = {"benign": cells(BENIGN, "b"), "harmful": cells(HARMFUL, "h")}
    return Design("tiny", "for tests", both, seeds=6, log_at="geometric:32")


@pytest.fixture(scope="session")
def verification(preset: Design) -> Verification:
    studies = []
    for regime, group in preset.cells.items():
        theorem = get_theorem(regime)
        results = [
            analyse(cell, train(cell.problem, seeds=6, steps=400, log_at=preset.log_at), theorem)
            for cell in group
        ]
        studies.append(fit_constants(Study(theorem, tuple(results))))
    verdicts = tuple(
        Verdict(
            claim=f"B{rank}",
            statement=f"Statement number {rank} of the ledger, long enough to need a second line.",
            status=status,
            scope=list(Scope)[rank % 4],
            provenance=list(Provenance)[rank % 4],
            source="Theorem 4.2",
            reason=f"because of {status.value.lower()}",
            regime=regime,
            statistic=statistic,
            threshold=0.05,
            discrimination=BESIDE.get(status) if regime == "benign" else None,
            evidence={"nan": float("nan"), "inf": [float("-inf"), 1.5], "n": rank},
        )
        for regime in ("benign", "harmful")
        for rank, (status, statistic) in enumerate(zip(Status, NUMBERS, strict=True))
    )
    claims = tuple(all_claims().values())
    return Verification(SETTINGS, tuple(studies), verdicts, claims=claims)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory, verification: Verification) -> Path:
    """A results folder with its report and figures but no page; copy it before changing it."""
    folder = tmp_path_factory.mktemp("verified")
    report.write(verification, folder).page.unlink()
    return folder


@pytest.fixture
def tiny_preset(preset: Design, monkeypatch: pytest.MonkeyPatch) -> Design:
    """Every preset name stands for the tiny one, and only a few quick claims are decided."""
    plans = importlib.import_module("bofcheck.compare.papers.zhang2025.plans")
    whole = plans.regime_plan

    def few_claims(*args: object, **rest: object) -> Plan:
        plan = whole(*args, **rest)
        parts = tuple(
            replace(part, claims=tuple(claim for claim in part.claims if claim.id in FEW))
            for part in plan.parts
        )
        return replace(plan, parts=parts)

    monkeypatch.setattr(plans, "get_design", lambda name: preset)
    monkeypatch.setattr("bofcheck.compare.regime_plan", few_claims)
    return preset


@pytest.fixture
def bofcheck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*args: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "easy.toml"
    path.write_text("n_samples = 4\ndim = 1e6\nflip_prob = 0.1\ntest_tokens = 8\n")
    return path
