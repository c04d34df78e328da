"""Start arrays of a user: what does not fit the problem is one line, what does trains alike."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from bofcheck.simulate import EngineError, InitialArrays, LearningRates, Problem, draw_arrays, train
from bofcheck.simulate.data.signal_noise import Labels

PROBLEM = Problem(
    n_samples=3, dim=5, key_dim=2, value_dim=4, test_tokens=6, start="materialised", noise_std=0.4
)
ARRAYS = draw_arrays(PROBLEM, 0)
NAMES = [field.name for field in fields(InitialArrays) if field.name != "labels"]
LABELS = [field.name for field in fields(Labels)]


def refusal(**changes) -> str:
    with pytest.raises(EngineError) as caught:
        train(PROBLEM, seeds=1, steps=1, start=[replace(ARRAYS, **changes)])
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (lambda a: a.astype(np.float32), "ndarray of float32"),
        (lambda a: a.astype(complex), "complex128"),
        (lambda a: a.astype(object), "object"),
        (lambda a: a.astype(str), "ndarray of <U"),
        (lambda a: np.ones(a.shape, dtype=np.int64), "int64"),
        (lambda a: a.astype(a.dtype.newbyteorder()), "float64"),
        (lambda a: a.tolist(), "list"),
        (lambda a: torch.tensor(a), "Tensor of torch.float64"),
        (lambda a: torch.nn.Parameter(torch.tensor(a)), "Parameter"),
        (lambda a: np.ma.array(a, mask=a > 0), "MaskedArray"),
        (lambda a: None, "NoneType"),
        (lambda a: a[None], "shape (1, "),
        (lambda a: a[..., :-1], "shape"),
        (lambda a: np.full_like(a, np.nan), "not finite"),
        (lambda a: np.full_like(a, -np.inf), "not finite"),
        (lambda a: np.full_like(a, -1e300) if a.ndim > 1 else a[:0], "start array"),
        (lambda a: np.full_like(a, 1e-200) if a.ndim > 1 else a[:0], "start array"),
    ],
)  # fmt: skip
def test_an_array_that_does_not_fit_is_named(name, spoilt, words):
    message = refusal(**{name: spoilt(getattr(ARRAYS, name))})
    assert message.startswith(f"start array {name} ")
    assert words in message


@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize(
    "spoilt",
    [
        lambda y: y.tolist(),
        lambda y: y.astype(float),
        lambda y: y > 0,
        lambda y: (y > 0).astype(np.uint8),
        lambda y: 0 * y,
        lambda y: y[:-1],
        lambda y: torch.tensor(y),
        lambda y: None,
    ],
)
def test_labels_that_do_not_fit_are_named(name, spoilt):
    labels = replace(ARRAYS.labels, **{name: spoilt(getattr(ARRAYS.labels, name))})
    assert refusal(labels=labels).startswith(f"start labels {name} must be")


def test_labels_of_another_kind():
    assert "give Labels" in refusal(labels=np.ones(3))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (ARRAYS, "a list with an InitialArrays for each run"),
        (torch.nn.Linear(2, 2).state_dict(), "a list with an InitialArrays for each run"),
        (3, "a list with an InitialArrays for each run"),
        ([ARRAYS.W_V], "InitialArrays"),
        ([None], "InitialArrays"),
    ],
)
def test_a_start_of_another_kind(start, words):
    with pytest.raises(EngineError) as caught:
        train(PROBLEM, seeds=1, steps=1, start=start)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "rates",
    [
        LearningRates(float("nan"), 1, 1),
        LearningRates(1, float("inf"), 1),
        LearningRates(1, 1, 1j),
        LearningRates(1, "1", 1),
        0.1,
    ],
)
def test_step_sizes_that_are_not_numbers(rates):
    with pytest.raises(EngineError, match="rates"):
        train(PROBLEM, seeds=1, steps=1, rates=rates)


@pytest.mark.parametrize("factor", [0.0, 2.0])
def test_orthogonal_noise_needs_the_problems_signals(factor):
    problem = PROBLEM.replace(noise="orthogonal")
    arrays = draw_arrays(problem, 0)
    with pytest.raises(EngineError, match="two orthogonal rows of length signal_norm = 1"):
        train(problem, seeds=1, steps=1, start=[replace(arrays, signals=factor * arrays.signals)])


@pytest.fixture(scope="module", params=["direct", "span"])
def plain(request):
    """An engine's name, and what it trains from the arrays as they are."""
    return request.param, train(PROBLEM, seeds=1, steps=20, engine=request.param, start=[ARRAYS])


def laid_out(array, order, path):
    if order == "F":
        return np.asfortranarray(array)
    if order == "strided":
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]))
        wide[..., ::2] = array
        return wide[..., ::2]
    np.save(path, array)
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("order", ["F", "strided", "memmap"])
def test_how_arrays_lie_in_memory_changes_no_number(tmp_path, plain, order):
    engine, expected = plain
    arrays = {
        name: laid_out(getattr(ARRAYS, name), order, tmp_path / f"{name}.npy") for name in NAMES
    }
    other = train(PROBLEM, seeds=1, steps=20, engine=engine, start=[replace(ARRAYS, **arrays)])
    np.testing.assert_allclose(other["train_loss"], expected["train_loss"], rtol=1e-12)
    np.testing.assert_allclose(other["log_failure_prob"], expected["log_failure_prob"], rtol=1e-9)


@pytest.mark.parametrize("zero", [["noise"], ["test_noise"], ["signals"], ["noise", "signals"],
                                  ["W_V"], ["w_O"], ["W_Q", "W_K"]])  # fmt: skip
def test_arrays_of_zeros_train_alike_on_both_engines(zero):
    arrays = replace(ARRAYS, **{name: np.zeros_like(getattr(ARRAYS, name)) for name in zero})
    direct, span = (
        train(PROBLEM, seeds=1, steps=30, engine=engine, start=[arrays])
        for engine in ("direct", "span")
    )
    assert not direct.diverged.any()
    assert not span.diverged.any()
    for name in direct.quantities:
        floor = 1e-6 if name == "failure_prob_error" else 1e-9
        np.testing.assert_allclose(
            span[name], direct[name], rtol=1e-9, atol=floor, equal_nan=True, err_msg=name
        )
