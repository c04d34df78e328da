"""`Problem`: what it refuses, in one line, and its way through TOML."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.simulate import Problem, ProblemError

POSITIVE = st.floats(1e-300, 1e100, allow_nan=False)
LENGTH = st.floats(1e-149, 1e100)
COUNT = st.integers(1, 10**15)
FIXED = settings(derandomize=True, deadline=None)


@st.composite
def problems(draw):
    sampled = draw(st.booleans())
    size = COUNT if sampled else st.integers(1, 100)
    return Problem(
        n_samples=draw(st.integers(1, 100_000 if sampled else 100)),
        dim=draw(st.integers(3, 10**15 if sampled else 100)),
        key_dim=draw(size),
        value_dim=draw(size),
        signal_norm=draw(LENGTH),
        noise_std=draw(LENGTH),
        flip_prob=draw(st.floats(0.0, 0.5, exclude_max=True)),
        learning_rate=draw(POSITIVE),
        init_std_qk=draw(st.just(0.0) | LENGTH),
        init_std_v=draw(st.just(0.0) | LENGTH),
        output_norm=draw(POSITIVE),
        noise=draw(st.sampled_from(["isotropic", "orthogonal"])),
        init="gaussian" if sampled else draw(st.sampled_from(["gaussian", "torch-default"])),
        train_output=draw(st.booleans()),
        target_loss=draw(POSITIVE),
        fail_prob=draw(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)),
        test_tokens=draw(st.integers(1, 1000)),
        start="sampled" if sampled else "materialised",
        dtype=draw(st.sampled_from(["float64", "float32"])),
        seed=draw(st.integers(0, 2**63 - 1)),
    )


@FIXED
@given(problems())
def test_toml_gives_the_same_problem_back(problem):
    text = problem.to_toml()
    assert Problem.from_toml(text) == problem
    assert Problem.from_toml("[problem]\n" + text) == problem
    assert Problem.from_toml(text).draw_key() == problem.draw_key()
    assert pickle.loads(pickle.dumps(problem)) == problem


@FIXED
@given(problems())
def test_draws_are_keyed_by_what_they_depend_on(problem):
    other = problem.replace(signal_norm=problem.signal_norm * 0.5)
    assert other.draw_key() != problem.draw_key()
    same = problem.replace(seed=problem.seed // 2, dtype="float64", test_tokens=7)
    assert same.draw_key() == problem.draw_key()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"n_samples": 0}, "n_samples = 0"),
        ({"n_samples": 2.5}, "n_samples = 2.5"),
        ({"n_samples": "20"}, "n_samples = '20'"),
        ({"n_samples": True}, "n_samples = True"),
        ({"dim": 1}, "dim = 1"),
        ({"dim": 10**16}, "dim = "),
        ({"key_dim": 0}, "key_dim = 0"),
        ({"value_dim": -4}, "value_dim = -4"),
        ({"signal_norm": 0.0}, "signal_norm = 0.0"),
        ({"signal_norm": float("nan")}, "signal_norm = nan"),
        ({"noise_std": -1.0}, "noise_std = -1.0"),
        ({"noise_std": float("inf")}, "noise_std = inf"),
        ({"flip_prob": 0.5}, "less than 0.5"),
        ({"flip_prob": -0.1}, "flip_prob = -0.1"),
        ({"flip_prob": float("nan")}, "flip_prob = nan"),
        ({"learning_rate": 0}, "learning_rate = 0"),
        ({"init_std_qk": -1e-9}, "init_std_qk"),
        ({"output_norm": 0.0}, "output_norm = 0.0"),
        ({"fail_prob": 1.0}, "fail_prob = 1.0"),
        ({"target_loss": 0.0}, "target_loss = 0.0"),
        ({"test_tokens": 0}, "test_tokens = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"seed": 2**63}, "seed = "),
        ({"noise": "white"}, "'isotropic' or 'orthogonal'"),
        ({"dtype": "float16"}, "dtype = 'float16'"),
        ({"train_output": 1}, "train_output = 1"),
        ({"learning_rte": 0.1}, "learning_rte: unknown key; allowed: n_samples"),
        ({"n_samples": 0, "dim": 0}, "(and 1 more)"),
        ({"noise": "orthogonal", "dim": 2}, "dim must be at least 3"),
        ({"init": "torch-default"}, 'set start = "materialised"'),
        ({"start": "materialised", "dim": 10**9}, 'set start = "sampled"'),
    ],
)
def test_refusals_are_one_line_and_name_the_key(values, words):
    with pytest.raises(ProblemError) as caught:
        Problem(**values)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_replace_is_validated():
    with pytest.raises(ProblemError, match="flip_prob"):
        Problem().replace(flip_prob=0.7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n_samples = ", "not valid TOML"),
        ("n_samples = 2.5", "n_samples = 2.5"),
        ("dim = 1e40", "dim = 1e+40"),
        ("flip_prob = nan", "flip_prob = nan"),
        ("problem = 3", "[problem]"),
        ("dim = 4\n[problem]\ndim = 4", "dim: keys must all be in [problem]"),
        ("[study]\ndim = 4", "study: unknown key"),
    ],
)
def test_bad_toml_is_refused_in_one_line(text, words):
    with pytest.raises(ProblemError) as caught:
        Problem.from_toml(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_toml_accepts_whole_floats_and_integers_for_reals():
    problem = Problem.from_toml("dim = 2e9\nsignal_norm = 3\n")
    assert (problem.dim, problem.signal_norm) == (2 * 10**9, 3.0)
    assert isinstance(problem.signal_norm, float)


def test_files_are_read_and_named_in_errors(tmp_path):
    good, bad, alien = (tmp_path / name for name in ("good.toml", "bad.toml", "alien.toml"))
    good.write_text(Problem(dim=77).to_toml())
    bad.write_text("dim = 0\n")
    alien.write_bytes(b"\xff\xfe")
    assert Problem.from_file(good).dim == 77
    for path, words in (
        (bad, "dim = 0"), (alien, "not UTF-8"), (tmp_path / "none.toml", "cannot be read")
    ):  # fmt: skip
        with pytest.raises(ProblemError) as caught:
            Problem.from_file(path)
        assert str(path) in str(caught.value)
        assert words in str(caught.value)
