"""The limit's formulas against their numeric twins, in logarithms where they are tails."""

from math import log

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix

from bofcheck.simulate import Problem, predict, train
from bofcheck.simulate.limit.fresh import margin
from bofcheck.simulate.limit.kernel import (
    DEVIATION,
    KK,
    MEMORY,
    OUTPUT,
    QK,
    QQ,
    STATE,
    advance,
)
from bofcheck.simulate.limit.pair_kernel import ROWS, VECTORS, advance_pairs
from bofcheck.theory import (
    EXCESS,
    FRESH_MEAN,
    FRESH_SPREAD,
    SIGNAL_GROWTH,
    T1_CLOSED,
    TRAINED_SPREAD,
    InvalidValueError,
    Provenance,
    benign,
    deviation_mixing,
    log_stage1_excess,
    mixing,
    stage1_end,
    value_mixing,
    with_trained_output,
)
from bofcheck.theory.limit.recursion import (
    MASS,
    NOISE_STEP,
    PULL,
    RESIDUAL,
    SAMPLE_OUTPUT,
    SIGNAL_STEP,
)

NUMBERS = {"eta": 0.3, "mu": 1.2, "sigma_p": 0.1, "d": 90.0, "w": 0.8, "N": 7.0}


def put(formula, values):
    """The formula with numbers by symbol name."""
    return formula.subs(
        {symbol: values[str(symbol)] for symbol in formula.free_symbols if str(symbol) in values}
    )


def random_state(rng):
    """Inner products of random vectors, and memory of either sign."""
    vectors = rng.standard_normal((6, 9))
    gram = vectors @ vectors.T
    x = np.zeros(STATE)
    x[MEMORY : MEMORY + 3] = rng.standard_normal(3)
    x[QQ : QQ + 9], x[KK : KK + 9] = gram[:3, :3].ravel(), gram[3:, 3:].ravel()
    x[QK : QK + 9] = gram[:3, 3:].ravel()
    for kind in range(2):
        pair = rng.standard_normal((2, 3))
        x[DEVIATION + 3 * kind : DEVIATION + 3 * kind + 3] = (
            pair[0] @ pair[0], pair[1] @ pair[1], pair[0] @ pair[1]
        )  # fmt: skip
    x[OUTPUT] = NUMBERS["w"] ** 2
    return x, gram


def masses_and_residuals(x):
    """m and r of both types of a state."""
    found = []
    for kind in range(2):
        at, label = kind + 1, 1.0 - 2.0 * kind
        alpha = x[QK] - x[QK + at]
        beta = x[QK + 3 * at] - x[QK + 4 * at] - x[DEVIATION + 3 * kind + 2]
        mass = MASS.numeric(signal_gap=alpha, noise_gap=beta)
        f = SAMPLE_OUTPUT.numeric(mass=mass, V_signal=x[MEMORY], V_noise=x[MEMORY + at])
        found.append((mass, RESIDUAL.numeric(label=label, output=f)))
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [(3, 1), (5, 0), (0, 2)])
def test_the_kernel_takes_the_step_that_is_written(seed, count):
    x, gram = random_state(np.random.default_rng(seed))
    memory, values = x[MEMORY : MEMORY + 3].copy(), {}
    for kind in range(2):
        at, label = kind + 1, 1.0 - 2.0 * kind
        turn = x[DEVIATION + 3 * kind + 2]
        gaps = {
            "signal_gap": gram[0, 3] - gram[0, 3 + at],
            "noise_gap": gram[at, 3] - gram[at, 3 + at] - turn,
        }
        mass = MASS.numeric(**gaps)
        tokens = {"V_signal": x[0], "V_noise": x[at]}
        f = SAMPLE_OUTPUT.numeric(mass=mass, **tokens)
        r = RESIDUAL.numeric(label=label, output=f)
        e = PULL.numeric(label=label, residual=r, N=NUMBERS["N"], **tokens)
        for name, gap in zip(("P", "X"), gaps.values(), strict=True):
            share = 1 / (1 + np.exp(-gap))
            values[f"{name}_{kind}"] = e * share * (1 - share)
        values[f"n_{kind}"] = float(count[kind])
        if count[kind]:
            common = {"label": label, "residual": r, "mass": mass}
            given_names = {k: NUMBERS[k] for k in ("eta", "w", "N")}
            memory[0] += count[kind] * SIGNAL_STEP.numeric(
                **common, **given_names, mu=NUMBERS["mu"]
            )
            memory[at] += NOISE_STEP.numeric(
                **common, **given_names, sigma_p=NUMBERS["sigma_p"], d=NUMBERS["d"]
            )
    known = {**values, **{k: NUMBERS[k] for k in ("eta", "mu", "sigma_p", "d")}}
    step = np.array(put(mixing(), known).evalf(20).tolist(), dtype=float)
    after = step @ gram @ step.T
    square = NUMBERS["sigma_p"] ** 2 * NUMBERS["d"]
    rates = NUMBERS["eta"] * np.array([NUMBERS["mu"] ** 2, square])
    state = x[None].copy()
    advance(
        0, 1, np.array([count], dtype=float), NUMBERS["N"], rates, state, 0, 1,
        np.array([-1]),
    )  # fmt: skip
    there = [0, *(kind + 1 for kind in range(2) if count[kind])]
    picked = np.ix_(there, there)
    for block, wanted in ((QQ, after[:3, :3]), (KK, after[3:, 3:]), (QK, after[:3, 3:])):
        got = state[0, block : block + 9].reshape(3, 3)
        np.testing.assert_allclose(got[picked], wanted[picked], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(state[0, there], memory[there], rtol=1e-12, atol=1e-14)
    for kind in range(2):
        if not count[kind]:
            continue
        at = DEVIATION + 3 * kind
        turned = np.array(put(deviation_mixing(kind), known).tolist(), dtype=float)
        old = np.array([[x[at], x[at + 2]], [x[at + 2], x[at + 1]]])
        new = turned @ old @ turned.T
        got = state[0, at : at + 3]
        np.testing.assert_allclose(got, new[[0, 1, 0], [0, 1, 1]], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [((3, 1), (2, 2)), ((5, 0), (0, 2))])
def test_the_kernel_takes_the_step_of_a_trained_output_that_is_written(seed, count):
    rng = np.random.default_rng(seed)
    there = [0, *(1 + k for k in range(2) if count[0][k])]
    there += [3, *(4 + k for k in range(2) if count[1][k]), 6]
    vectors = rng.standard_normal((VECTORS, 9))
    values = np.zeros((ROWS, VECTORS))
    values[:VECTORS] = vectors @ vectors.T
    state = np.stack([random_state(rng)[0], random_state(rng)[0]])
    state[:, OUTPUT] = values[6, 6]
    state[0, :3], state[1, :3] = values[:3, 6], values[3:6, 6]
    known = {k: NUMBERS[k] for k in ("eta", "mu", "sigma_p", "d", "N")}
    for z in range(2):
        for k, (mass, residual) in enumerate(masses_and_residuals(state[z])):
            known |= {f"m_{2 * z + k}": mass, f"r_{2 * z + k}": residual}
            known[f"n_{2 * z + k}"] = count[z][k]
    step = np.array(put(value_mixing(), known).evalf(20).tolist(), dtype=float)
    after = step @ values[:VECTORS] @ step.T
    squares = np.array([NUMBERS["mu"] ** 2, NUMBERS["sigma_p"] ** 2 * NUMBERS["d"]])
    alone = state.copy()
    advance_pairs(
        0, 1, np.array([count], dtype=float), NUMBERS["N"], NUMBERS["eta"] * squares, 1 / squares,
        0.3, state[None], values[None], 0, 1, np.array([-1]),
    )  # fmt: skip
    picked = np.ix_(there, there)
    np.testing.assert_allclose(values[picked], after[picked], rtol=1e-11, atol=1e-12)
    assert (state[0, :3], state[0, OUTPUT]) == (pytest.approx(values[:3, 6]), values[6, 6])
    for z in range(2):  # queries and keys move as with a frozen output
        advance(
            z, z + 1, np.array(count, dtype=float), NUMBERS["N"], NUMBERS["eta"] * squares, alone,
            0, 1, np.array([-1, -1]),
        )  # fmt: skip
        np.testing.assert_array_equal(state[z, QQ:DEVIATION], alone[z, QQ:DEVIATION])


def test_the_first_steps_of_a_trained_output_are_the_law():
    """V_+ grows by w² + σ_V²d_v instead of w²."""
    problem = Problem(
        n_samples=20, dim=10**10, key_dim=10**6, value_dim=400, noise_std=1e-5, flip_prob=0.1,
        learning_rate=1e-4, init_std_qk=1e-5, init_std_v=0.04, output_norm=0.7, train_output=True,
    )  # fmt: skip
    moved = predict(problem, steps=1, log="every:1", labels=(10, 1, 1))["v_plus"][0, 1]
    law = with_trained_output(SIGNAL_GROWTH)
    growth = law.numeric(eta=1e-4, mu=1.0, p=0.1, w=0.7, sigma_V=0.04, d_v=400 - 1)
    assert moved == pytest.approx(growth, rel=1e-4, abs=0.0)


def test_classes_learn_nothing_of_each_other():
    """Without samples of a type, its rows are those of no training."""
    alone = put(mixing(), {"n_1": 0, "P_1": 0, "X_1": 0})
    assert alone[2, :] == Matrix.eye(6)[2, :]
    assert alone[5, :] == Matrix.eye(6)[5, :]


STARTS = st.floats(-3, 3)


@settings(max_examples=60, deadline=None)
@given(STARTS, STARTS, st.integers(1, 12), st.integers(-4, 12), st.floats(0, 60), st.floats(0, 0.4))
def test_the_excess_of_stage_one_in_logarithms(plus, minus, lead, other, growth, p):
    values = {
        "V_plus": plus, "V_minus": minus, "lead_plus": lead, "lead_minus": other, "p": p,
        "eta": 0.5, "mu": 1.0, "w": 2.0, "N": 2.0, "t": 4 * growth, "sigma_p": 0.25,
        "value_norm": 4.0,
    }  # fmt: skip
    expr = put(EXCESS.expr, values)
    with mpmath.workdps(40):
        exact = float(mpmath.log(mpmath.mpf(str(expr.evalf(40)))))
    got = log_stage1_excess(plus, minus, (lead, other), growth, 1.0, p)
    assert got == pytest.approx(exact, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(STARTS, STARTS, st.integers(1, 12), st.integers(1, 12), st.floats(0.01, 10))
def test_the_end_of_stage_one(plus, minus, lead, other, spread):
    values = {"eta": 0.5, "mu": 1.5, "w": 2.0, "N": 10.0, "sigma_p": 0.5}
    pace = 0.5 * 2.25 * 4.0 / 40.0
    got = stage1_end(plus, minus, (lead, other), pace, spread)
    closed = T1_CLOSED.numeric(
        V_plus=plus, V_minus=minus, lead_plus=lead, lead_minus=other, value_norm=spread / 0.5,
        **values,
    )  # fmt: skip
    assert got == pytest.approx(max(closed, 0.0), rel=1e-12, abs=1e-12)


def test_a_class_without_a_lead_never_ends_the_stage():
    assert stage1_end(0.0, 0.0, (3, -1), 0.1, 1.0) == np.inf
    assert stage1_end([0.0, 2.0], [0.0, -2.0], (3, -1), 0.1, 1.0).tolist() == [np.inf, 0.0]
    with pytest.raises(InvalidValueError, match="spread"):
        stage1_end(0.0, 0.0, (3, 1), 0.1, 0.0)


def test_stage_one_of_trained_runs_is_the_closed_form():
    """log P and T1 from the start of each run alone; a rival without the leads is far off."""
    problem = Problem(
        n_samples=16, dim=10**8, key_dim=10_000, noise_std=1e-4, flip_prob=0.1,
        learning_rate=0.05, init_std_qk=0.003, init_std_v=0.02,
    )  # fmt: skip
    trained = train(problem, seeds=6, steps=40, log_at="every:1")
    flips = trained.flipped_positive, trained.flipped_negative
    sizes = trained.positive, 16 - trained.positive
    leads = tuple(size - 2 * flipped for size, flipped in zip(sizes, flips, strict=True))
    spread = problem.noise_std * trained["value_norm"][:, :1]
    growth = problem.learning_rate / (4 * 16) * trained.steps
    logs = log_stage1_excess(
        trained["v_plus"][:, :1], trained["v_minus"][:, :1],
        tuple(lead[:, None] for lead in leads), growth, spread, 0.1,
    )  # fmt: skip
    wanted = trained["log_failure_prob"] + log(0.8)
    early = trained.steps <= 10
    assert np.median(np.abs(logs - wanted)[:, early]) < 0.01
    level = log_stage1_excess(
        trained["v_plus"][:, :1], trained["v_minus"][:, :1], (6.4, 6.4), growth, spread, 0.1
    )
    assert np.median(np.abs(level - wanted)[:, early]) > 0.02


def test_fresh_samples_have_the_mean_and_spread_that_are_written():
    logit, memory, square = 0.7, 1.3, 0.02
    values = {
        "signal_logit": logit, "sigma_p": 0.1, "sigma_V": 0.05, "w": 2.0, "d": 100.0, "mu": 1.5,
        "V_plus": memory, "V_minus": -1.0, "V_plus_0": 0.1, "V_minus_0": 0.2,
        "V_noise_squares": square,
    }  # fmt: skip
    tau = 0.1 * np.sqrt(1.0 + (memory**2 + 1.0 - 0.01 - 0.04) / 2.25 + square)
    mean, std = margin(np.array([logit]), np.array([memory]), np.array([tau]))
    assert FRESH_MEAN.numeric(signal_logit=logit, V_signal=memory) == pytest.approx(
        mean[0], rel=1e-12, abs=0.0
    )
    assert FRESH_SPREAD.numeric(**values) == pytest.approx(std[0], rel=1e-12, abs=0.0)
    trained = [TRAINED_SPREAD.numeric(**values, output_norm=norm) for norm in (2.0, 4.0)]
    assert trained[0] == pytest.approx(std[0], rel=1e-12, abs=0.0)
    start = 1.0 - 0.05 / 2.25  # |W_V w_O|² off the signals
    grown = np.sqrt(1 + 3 * start * 0.01 / tau**2)
    assert trained[1] == pytest.approx(std[0] * grown, rel=1e-12, abs=0.0)


def test_all_of_it_is_derived():
    laws = (MASS, SAMPLE_OUTPUT, RESIDUAL, PULL, SIGNAL_STEP, NOISE_STEP, EXCESS, T1_CLOSED)
    for law in (*laws, FRESH_MEAN, FRESH_SPREAD, TRAINED_SPREAD):
        assert law.provenance is Provenance.DERIVED
        assert law.latex()
        assert "<math" in law.mathml() or "<mrow" in law.mathml()
    assert benign.bound("B1").provenance is Provenance.RECONSTRUCTED
