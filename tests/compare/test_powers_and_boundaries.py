"""Claims on exponents and boundaries, on studies whose right verdict is known."""

from typing import ClassVar

import numpy as np
import pytest
from synthetic import decide, result, study, trajectory

from bofcheck.compare import Role, Scope, Status
from bofcheck.compare.checks.phase_boundary import judge_boundary, law_text
from bofcheck.compare.checks.powers import judge
from bofcheck.compare.papers.zhang2025.designs._boundary_cells import (
    boundary_cells,
    deep_cells,
    ladder_cells,
)
from bofcheck.compare.papers.zhang2025.designs._power_cells import power_cells
from bofcheck.compare.statistics.powers import fit_powers
from bofcheck.theory import SIGNAL_GROWTH, get_theorem
from bofcheck.theory.evaluation.decay import decay_powers, log_powers, memory_growth

OUT = Role.HELD_OUT
POWERS = power_cells(26)
BENIGN = get_theorem("benign")


def power_result(cell, depth, scatter=0.03, runs=8, rank=0):
    """A cell with T1, T2 and T3 at 0.2, 20 and 36 in units of 1/(eta mu² w²).

    Args:
        cell: of the design.
        depth: (steps, cell's values, T1, T2) -> -log P.
        scatter: of log(-log P) between runs.
        runs: of the cell.
        rank: seed of the scatter.
    """
    unit = 1 / (cell.problem.learning_rate * (cell.problem.signal_norm
                * cell.problem.output_norm) ** 2)  # fmt: skip
    steps = np.unique(np.rint(np.geomspace(1, 40 * unit, 200)).astype(int))
    made = trajectory(cell.problem, steps, runs, attention_clean=0.6)
    values = result(made).values
    times = {"T1": 0.2 * unit, "T2": 20 * unit, "T3": 36 * unit}
    size = np.exp(scatter * np.random.default_rng(rank).standard_normal((runs, 1)))
    log_p = -size * depth(steps.astype(float), values, times["T1"], times["T2"])
    made = trajectory(cell.problem, steps, runs, attention_clean=0.6, log_failure_prob=log_p)
    return result(made, cell.name, OUT, "powers", **times)


def as_the_bounds_say(t, v, first, second):
    """Exponents of B2 and B3, joined at T2."""
    rate = v["eta"] * v["mu"] ** 2 * v["w"] ** 2
    snr = v["mu"] / (v["sigma_p"] * np.sqrt(v["d"]))
    gauss = v["eta"] * v["mu"] * v["w"] * snr / v["sigma_V"]
    stage2 = 3.0 * rate * (np.minimum(t, second) - first)
    return 0.7 + np.maximum(stage2, 0) + 0.2 * (gauss * np.maximum(t - second, 0)) ** 2


def slowed(progress):
    """V that solves V + (e^(aV) - 1)/a = 4 a r t at a = 0.6, by bisection."""
    low, high = np.zeros_like(progress), 4 * 0.6 * progress
    for _ in range(80):
        middle = (low + high) / 2
        below = middle + np.expm1(0.6 * middle) / 0.6 < 4 * 0.6 * progress
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return low


def as_derived(t, v, first, second):
    """A Gaussian tail; memory linear in stage 2, then slowed by the loss at attention 0.6."""
    rate = SIGNAL_GROWTH.numeric(**{name: v[name] for name in ("eta", "mu", "w", "p")})
    later = slowed(rate * np.maximum(t, second)) / slowed(np.array([rate * second]))
    memory = rate * np.minimum(t, second) * later
    return memory**2 / (2 * v["sigma_p"] ** 2 * v["sigma_V"] ** 2 * v["w"] ** 2 * v["d"])


def power_study(depth, cells=POWERS, **rest):
    made = [power_result(cell, depth, rank=i, **rest) for i, cell in enumerate(cells)]
    return study(*made)


def test_a_study_made_by_the_bounds():
    made = power_study(as_the_bounds_say)
    verdict = decide(made, "B11")
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.INSIDE)
    assert verdict.reason == "all 16 powers agree within 0.25"
    other = decide(made, "X3")
    assert other.status is Status.VIOLATED
    judged = other.evidence["stage 2, -log P against t"]["judged"]
    assert {name for name, word in judged.items() if word == "differs"} >= {"t", "sigma_V", "d"}


def test_a_study_made_by_the_gaussian_tail():
    made = power_study(as_derived)
    verdict = decide(made, "X3")
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.INSIDE)
    other = decide(made, "B11")
    assert other.status is Status.VIOLATED
    line = other.evidence["stage 2, -log P gained since the stage began, against the time since "
                          "then"]["powers"]["sigma_V"]  # fmt: skip
    assert (line["reconstructed"], line["derived"]) == (0.0, -2.0)
    assert line["measured"] == pytest.approx(-2.0, abs=0.1)


def test_too_much_scatter_or_too_few_cells_are_inconclusive():
    # scatter that a run keeps throughout hides every power but that of t
    assert decide(power_study(as_derived, scatter=6.0), "X3").status is Status.INCONCLUSIVE
    few = power_study(as_derived, POWERS[:8])
    for claim in ("B11", "X3"):
        verdict = decide(few, claim)
        assert verdict.status is Status.INCONCLUSIVE
        assert "8 cells for 8 powers" in verdict.reason


def test_undecided_depths_leave_cells_out():
    cells = [power_result(cell, as_derived, rank=i) for i, cell in enumerate(POWERS)]
    unknown = cells[0].trajectory["log_failure_prob"]
    unknown[:, -60:] = -np.inf
    made = decide(study(*cells), "X3")
    used = made.evidence["stage 2, -log P against t"]["cells_used"]
    assert (len(used), "powers-1" in used) == (25, False)


@pytest.mark.parametrize("form", ["paper", "derived"])
@pytest.mark.parametrize("event", ["T1", "T2"])
def test_powers_of_stage_times_name_the_law_they_were_made_by(event, form):
    law = BENIGN.time(event, form)
    rng = np.random.default_rng(4)
    cells = []
    for one in (power_result(cell, as_derived) for cell in POWERS):
        unit = law.numeric(**one.values, **{str(law.constants[0]): 1.0})
        scale = float(one.events["T2"][0]) / 20 if event == "T2" else 1.0
        times = unit * np.exp(0.05 * rng.standard_normal(8))
        made = result(one.trajectory, one.cell.name, OUT, "powers", **{event: times})
        assert scale > 0
        cells.append(made)
    claim = {"T1": "B4", "T2": "B5"}[event]
    found = decide(study(*cells), claim).evidence["fitted_powers"]
    assert found["better"] == form
    rival = "derived" if form == "paper" else "paper"
    difference, error = found["behind_the_better"][rival]
    assert difference > 2 * error
    assert set(found["judged"][form].values()) <= {"agrees", "open"}
    assert found["powers"]["eta"]["measured"] == pytest.approx(-1.0, abs=0.3)
    if event == "T2":
        assert found["powers"]["L"]["measured"] == pytest.approx(
            -1.0 if form == "paper" else 0.0, abs=0.3
        )


def test_powers_of_formulas():
    assert decay_powers() == pytest.approx(
        {"eta": 2, "t": 2, "mu": 4, "w": 2, "sigma_V": -2, "sigma_p": -2, "d": -1},
        rel=1e-6,
        abs=0.0,
    )
    # scale symmetry (i): mu and sigma_p count +1, sigma_V -1, eta -2
    for growth in (0.3, 1.0):
        one = decay_powers(growth)
        assert one["mu"] + one["sigma_p"] - one["sigma_V"] - 2 * one["eta"] == pytest.approx(
            0, rel=1e-6, abs=0.0
        )
    law = BENIGN.time("T1", "derived")
    powers = log_powers(law.expr, dict.fromkeys(map(str, law.expr.free_symbols), 2.0))
    assert powers == pytest.approx(
        {"eta": -1, "mu": -2, "w": -1, "sigma_V": 1, "sigma_p": 1, "d": 0.5, "c1": 1},
        rel=1e-6,
        abs=0.0,
    )


def test_memory_growth_solves_its_equation():
    # dV/dt = 4 a r/(1 + e^(aV)) by small steps
    a, rate, v = 0.7, 1e-3, 0.0
    for _ in range(20_000):
        v += 4 * a * rate / (1 + np.exp(a * v))
    slope = 4 * a * rate / (1 + np.exp(a * v)) * 20_000 / v
    assert memory_growth(a, rate * 20_000) == pytest.approx(slope, rel=1e-3, abs=0.0)


def test_judging_powers():
    x = np.linspace(0, 5, 12)
    wobble = 0.02 * np.array([1, -1] * 6)
    fit = fit_powers(1.3 * x + wobble, {"t": x})
    assert judge(fit, {"t": 1.2}) == {"t": "agrees"}  # 0.1 off, surely, and no other power
    assert judge(fit, {"t": 1.05}) == {"t": "differs"}  # the tolerance off
    assert judge(fit, {}) == {"t": "differs"}
    loose = fit_powers(1.3 * x + 150 * wobble, {"t": x})
    assert judge(loose, {"t": 1.0}) == {"t": "open"}
    assert judge(fit, {"t": 1.0}, tolerance=0.5) == {"t": "agrees"}


def side_result(cell, good, seed, runs=8, sharpness=15.0):
    """A cell whose runs are good with the chance a boundary gives.

    Args:
        cell: of a design.
        good: problem -> log distance above the boundary.
        seed: of the runs.
        runs: of the cell.
        sharpness: of the boundary.
    """
    p = cell.problem.flip_prob
    floor = 0.0 if p == 0 else -p * np.log(p) - (1 - p) * np.log(1 - p)
    chance = 1 / (1 + np.exp(-sharpness * good(cell.problem)))
    score = np.where(np.random.default_rng(seed).random(runs) < chance, 0.2, 0.8)
    made = trajectory(
        cell.problem, [0, 10], runs,
        test_loss=(floor + score * (np.log(2) - floor))[:, None],
        test_error=(p + score * (0.5 - p))[:, None],
    )  # fmt: skip
    return result(made, cell.name, cell.role, cell.kind, T3=5.0)


def boundary_study(law, constant, cells):
    def distance(problem):
        numbers = (problem.n_samples, problem.snr, problem.dim, problem.key_dim)
        return sum(a * np.log(x) for a, x in zip(law, numbers, strict=True)) - np.log(constant)

    return study(*(side_result(cell, distance, seed) for seed, cell in enumerate(cells)))


LADDER, REST = ladder_cells(20), boundary_cells(30)
PLANTED = [
    # claim, the law it states, C at the middle of the design, cells, a rival law with its C
    ("X1", (1, 2, 0, 0), 1.35, LADDER, (1, 4, 1, 0), 5000.0),
    ("X2", (1, 4, 1, 0), 9.0, REST, (1, 2, 0, 0), 0.08),
    ("X6", (1, 2, 0, 0.25), 0.07, REST, (1, 2, 0, 0), 0.007),
    ("E5", (1, 2, 0, 0), 1.35, REST, (1, 4, 0, 0), 0.09),
]


@pytest.mark.parametrize(
    ("claim", "law", "constant", "cells", "rival", "other"), PLANTED, ids=[c[0] for c in PLANTED]
)
def test_a_planted_boundary_and_its_rival(claim, law, constant, cells, rival, other):
    verdict = decide(boundary_study(law, constant, cells), claim)
    assert verdict.status in (Status.HOLDS, Status.INCONCLUSIVE), verdict.reason
    assert verdict.evidence["better"] == law_text(law[:4] if claim == "X6" else law[:3])
    assert "differs" not in verdict.evidence["judged"].values()
    assert verdict.scope is Scope.OUTSIDE
    verdict = decide(boundary_study(rival, other, cells), claim)
    assert verdict.status is Status.VIOLATED, verdict.reason


def test_a_sharp_boundary_with_many_cells_holds():
    cells = [c for c in boundary_cells(160) if c.kind == "lean"]
    verdict = decide(boundary_study((1, 4, 1, 0), 9.0, cells), "X2")
    assert verdict.status is Status.HOLDS, verdict.reason
    assert verdict.statistic <= 1


def test_all_cells_on_one_side_decide_nothing():
    for claim, constant in (("X1", 1e-9), ("E5", 1e9)):
        made = boundary_study((1, 2, 0, 0), constant, LADDER + REST)
        verdict = decide(made, claim)
        assert verdict.status is Status.INCONCLUSIVE
        assert "all cells are" in verdict.reason


def flips_study(powers):
    """The map with another power of SNR for each flip probability."""

    def distance(problem):
        power = powers[problem.flip_prob]
        return np.log(problem.n_samples / 20) + power * np.log(problem.snr / 0.26)

    cells = [c for c in boundary_cells(80) if c.kind == "map"]
    return study(*(side_result(cell, distance, seed) for seed, cell in enumerate(cells)))


def test_powers_at_several_flip_probabilities():
    same = decide(flips_study({0.0: 2.0, 0.1: 2.0, 0.2: 2.0}), "E6")
    assert same.status in (Status.HOLDS, Status.INCONCLUSIVE), same.reason
    unlike = decide(flips_study({0.0: 2.0, 0.1: 2.0, 0.2: 5.0}), "E6")
    assert unlike.status is Status.VIOLATED, unlike.reason


def test_one_flip_probability_compares_nothing():
    made = flips_study({0.0: 2.0, 0.1: 2.0, 0.2: 2.0})
    alone = study(*(one for one in made.results if one.cell.problem.flip_prob == 0.1))
    assert decide(alone, "E6").status is Status.INCONCLUSIVE


def deep_study(excess, loss=0.69):
    cells = []
    for cell in deep_cells():
        error = 0.1 + excess(cell.problem) + 0.01 * np.linspace(-1, 1, 8)
        ends = loss + 0.001 * np.linspace(-1, 1, 8)
        made = trajectory(cell.problem, [0, 10], 8, test_error=error[:, None],
                          test_loss=ends[:, None])  # fmt: skip
        cells.append(result(made, cell.name, OUT, "deep", T3=5.0))
    return study(*cells, regime="harmful")


@pytest.mark.parametrize(
    ("excess", "status"),
    [
        (lambda p: 0.3, Status.HOLDS),
        (lambda p: 0.1, Status.INCONCLUSIVE),
        (lambda p: 0.35 * (p.dim / 400) ** -0.3, Status.VIOLATED),
        (lambda p: 0.3 if p.snr < 0.09 else 0.02, Status.VIOLATED),
    ],
)
def test_error_as_the_dimension_grows(excess, status):
    verdict = decide(deep_study(excess), "H8")
    assert verdict.status is status, verdict.reason
    assert list(verdict.evidence["mean_test_error_minus_p_by_level_and_d"]) == ["0.1", "0.2"]


def test_harm_of_the_loss_alone_is_said():
    def falls(problem):
        return 0.35 * (problem.dim / 400) ** -0.5

    harmed = decide(deep_study(falls), "H8")
    assert (harmed.status, harmed.scope) == (Status.VIOLATED, Scope.OUTSIDE)
    assert "the harm is one of the logistic loss alone: at N·SNR² = 0.1" in harmed.reason
    # neither where the loss is not harmed, nor where test_error is
    assert "loss alone" not in decide(deep_study(falls, loss=0.4), "H8").reason
    assert "loss alone" not in decide(deep_study(lambda p: 0.3), "H8").reason
    # and the condition says it of the same cells
    ladder = boundary_study((1, 2, 0, 0), 1.35, LADDER).results
    both = study(*ladder, *deep_study(falls).results, regime="harmful")
    assert "loss alone" in decide(both, "H0e").reason


def test_judging_boundaries():
    class Fit:
        names = ("N", "SNR", "d")
        powers: ClassVar = {"SNR": 2.0, "d": 0.6}

        def interval(self, name, confidence):
            assert confidence == pytest.approx(0.975, rel=1e-9, abs=0.0)
            return {"SNR": (1.85, 2.2), "d": (0.3, 0.9)}[name]

    assert judge_boundary(Fit(), {"SNR": 2, "d": 0}) == {"SNR": "agrees", "d": "differs"}
    # excluded by less than 3/16, and an interval that leaves much open
    assert judge_boundary(Fit(), {"SNR": 1.84, "d": 0.85}) == {"SNR": "open", "d": "open"}
    # within the tolerance, yet another power: what the law is not, the tolerance does not make it
    assert judge_boundary(Fit(), {"SNR": 2.35, "d": 0.6}) == {"SNR": "differs", "d": "open"}


def test_a_law_that_its_interval_excludes_does_not_hold():
    """A boundary with SNR^1.66, as the law N·SNR² has it at small N, on many cells."""
    cells = ladder_cells(60)
    near = decide(boundary_study((1, 2, 0, 0), 1.35, cells), "X1")
    assert "is excluded" not in near.reason, near.reason
    assert near.status is not Status.VIOLATED
    off = decide(boundary_study((1, 1.5, 0, 0), 2.4, cells), "X1")
    assert (off.status, off.scope) == (Status.VIOLATED, Scope.OUTSIDE)
    assert "SNR^2 is excluded" in off.reason
    assert off.statistic > off.threshold == 1
    assert "the law is one for large N" in off.reason
    assert all("N" in half for half in off.evidence["by_half_of_N"])
