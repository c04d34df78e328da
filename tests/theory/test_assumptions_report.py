"""Assumption 4.1 against numbers worked out by hand, and the meaning of its constant."""

import math

import pytest
from hypothesis import assume, given, settings
from theory_cells import cells, log_uniform

from bofcheck.theory import (
    InvalidValueError,
    MissingValueError,
    NoSuchPartError,
    check_assumptions,
)
from bofcheck.theory.assumptions import ASSUMPTIONS
from bofcheck.theory.symbols import C


def inside(n=40, epsilon=0.1, snr=1.0, room=1.001, p=0.1, delta=0.01):
    """A cell that meets every item at C = 1, with `room` to spare where C enters by scale."""
    d_h = room * max(snr**4, snr**-4) * n**2 / epsilon**2
    d = room * n**2 * d_h / epsilon**2
    noise = 1 / math.sqrt(d)  # sigma_p sqrt(d) = 1, hence mu = SNR
    scale2 = min(snr**-2, 1.0) / math.sqrt(d_h)
    log_term = math.log(6 * n**2 * 4 / delta)
    return {
        "N": n,
        "d": d,
        "d_h": d_h,
        "mu": snr,
        "sigma_p": noise,
        "w": 1.0,
        "p": p,
        "epsilon": epsilon,
        "delta": delta,
        "eta": scale2 / room,
        "sigma_V": min(1 / snr, 1.0) * d_h**-0.25 / room,
        "sigma_h": math.sqrt(scale2 * log_term**-1.75),
    }


@pytest.mark.parametrize(
    ("epsilon", "d_h", "d"), [(0.01, 4e6, 1.6e13), (0.1, 4e4, 1.6e9)], ids=["eps=0.01", "eps=0.1"]
)
def test_item_one_at_twenty_samples(epsilon, d_h, d):
    cell = inside(n=20, epsilon=epsilon)
    cell.update(d=3.0, d_h=7.0)
    width = check_assumptions(cell | {"mu": 1.0, "sigma_p": 1 / math.sqrt(3)}).item(1)[1]
    assert width.right == pytest.approx(d_h, rel=1e-6, abs=0.0)
    cell.update(d_h=d_h)
    assert check_assumptions(cell).item(1)[0].right == pytest.approx(d, rel=1e-6, abs=0.0)


def test_item_two_binds_at_twenty_samples():
    """log(2e9) = 21.4: twenty samples are too few for two thousand million dimensions."""
    report = check_assumptions(inside(n=20) | {"d": 2e9})
    (row,) = report.item(2)
    assert row.right == pytest.approx(21.416413, rel=1e-6, abs=0.0)
    assert row.ratio == pytest.approx(20 / 21.416413, rel=1e-6, abs=0.0)
    assert not row.holds
    # With item 1 the least d at N = 20 is already e^21.2; N = 22 is the first that fits both.
    assert not check_assumptions(inside(n=21)).holds_item(2)
    assert check_assumptions(inside(n=22)).holds


def test_every_row_by_hand():
    cell = {"N": 10, "d": 1e6, "d_h": 1e4, "mu": 2.0, "sigma_p": 1e-3, "w": 0.5, "p": 0.2}
    cell |= {"epsilon": 0.5, "delta": 0.24, "eta": 1e-3, "sigma_V": 0.05, "sigma_h": 0.01}
    rows = check_assumptions(cell, constant=2.0).rows
    # SNR = 2, min(1/4, 1)/100 = 0.0025; L = log(6*100*4/0.24) = log(10^4).
    log_term = math.log(1e4)
    expected = [
        (1, 1e6, 2 * 4 * 100 * 1e4),
        (1, 1e4, 2 * 16 * 100 * 4),
        (2, 10, 2 * math.log(1e6)),
        (3, 0.2, 0.5),
        (3, 0.2, 0.5),
        (4, 0.5, 0.1),
        (4, 0.5, 10),
        (5, 1e-3, 0.00125),
        (6, 0.05, 0.5 / (0.5 * 10 * 2)),
        (7, 1e-4, 0.0025 / log_term**2),
        (7, 1e-4, 0.0025 / log_term**1.5),
    ]
    assert [row.item for row in rows] == [item for item, _, _ in expected]
    for row, (_, left, right) in zip(rows, expected, strict=True):
        assert (row.left, row.right) == pytest.approx((left, right), rel=1e-12, abs=0.0)
    room = [row.ratio for row in rows]
    assert room[0] == pytest.approx(0.125, rel=1e-6, abs=0.0)
    assert room[3] == pytest.approx(2.5, rel=1e-6, abs=0.0)


@given(cell=cells(), constant=log_uniform(1e-3, 1e3))
@settings(max_examples=40, deadline=None)
def test_ratio_left_right_and_verdict_agree(cell, constant):
    report = check_assumptions({k: v for k, v in cell.items() if k != "C"}, constant)
    for row in report.rows:
        room = row.left / row.right if row.relation == ">=" else row.right / (row.left or math.nan)
        assert row.ratio == (pytest.approx(room, rel=1e-6, abs=0.0) if row.left else math.inf)
        assert row.holds == (row.ratio > 1 if row.relation == "<" else row.ratio >= 1)
    assert report.holds == (report.failing == ())
    assert all(report.holds_item(n) == (n not in report.failing) for n in range(1, 8))


@given(cell=cells(), room=log_uniform(1.001, 100))
@settings(max_examples=40, deadline=None)
def test_largest_constant_is_the_largest(cell, room):
    assume(cell["p"] >= 1e-3)
    good = inside(n=cell["N"], epsilon=cell["epsilon"], room=room, p=cell["p"])
    largest = check_assumptions(good).largest_constant
    assert 0 < largest < math.inf
    assert check_assumptions(good, largest * (1 - 1e-9)).holds
    assert not check_assumptions(good, largest * (1 + 1e-9)).holds


def test_no_constant_helps_an_item_that_has_none():
    for change in ({"w": 11.0}, {"sigma_h": 1.0}, {"sigma_h": 1e-9}):
        report = check_assumptions(inside() | change)
        assert report.largest_constant == 0.0
        assert not check_assumptions(inside() | change, 1e-12).holds
    assert check_assumptions(inside(p=0.5) | {"sigma_h": 1.0}).failing == (3, 7)


def test_one_half_is_not_below_one_half():
    strict = check_assumptions(inside(p=0.5)).item(3)[1]
    assert (strict.relation, strict.ratio, strict.holds) == ("<", 1.0, False)


def test_room_is_inversely_proportional_to_the_constant():
    with_constant = [c for c in ASSUMPTIONS if C in c.room.free_symbols]
    assert len(with_constant) == 6
    for condition in with_constant:
        assert C not in (condition.room * C).free_symbols


def test_large_dimensions_and_no_flips():
    report = check_assumptions(inside(n=60, epsilon=0.01, snr=0.5, p=0.0))
    assert report.holds
    assert report.item(1)[0].left > 1e15
    assert report.item(3)[0].ratio == math.inf


def test_rows_render():
    for row in check_assumptions(inside()).rows:
        assert row._repr_latex_() == rf"$\displaystyle {row.latex}$"
        assert row.text


def test_bad_input_is_named():
    cell = inside()
    with pytest.raises(MissingValueError, match=r"^Assumption 4\.1: no value for delta, w;"):
        check_assumptions({k: v for k, v in cell.items() if k not in ("w", "delta")})
    with pytest.raises(MissingValueError, match=r"unknown symbol SNR \(SNR is computed"):
        check_assumptions(cell | {"SNR": 1.0})
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(InvalidValueError, match=r"^Assumption 4\.1: eta must be finite"):
            check_assumptions(cell | {"eta": bad})
    with pytest.raises(InvalidValueError, match=r": C must be"):
        check_assumptions(cell, constant=0.0)
    with pytest.raises(NoSuchPartError, match="items are numbered 1 to 7"):
        check_assumptions(cell).item(8)
