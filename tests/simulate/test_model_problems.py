"""Problems of models beside attention: their files, starts, fresh averages, store and commands."""

import csv
import json
from typing import ClassVar

import numpy as np
import pytest
from scipy.stats import ks_2samp, norm

from bofcheck.cli.entry import run
from bofcheck.simulate import (
    EngineError,
    Problem,
    ProblemError,
    SweepError,
    TrajectoryStore,
    make_problem,
    parse_problem,
    quantities_of,
    train,
)
from bofcheck.simulate.data import get_law, law_names
from bofcheck.simulate.data.xor import Xor
from bofcheck.simulate.grids import read_sweep
from bofcheck.simulate.model_problem import ModelProblem
from bofcheck.simulate.models import Model, get_model, model_names
from bofcheck.simulate.reduced.check import check_model
from bofcheck.simulate.reduced.draws import draw_model_arrays, draw_start, project_arrays


def test_the_keys_of_models_laws_and_training_rules_never_meet():
    shared = set(ModelProblem.model_fields) | {"model", "data"}
    for model in map(get_model, model_names()):
        for law in map(get_law, law_names()):
            keys = [*shared, *model.model_fields, *law.model_fields]
            assert len(keys) == len(set(keys))


@pytest.mark.parametrize("model", model_names())
def test_a_file_reads_back_the_same_problem(model):
    problem = make_problem(model=model, data="signal_noise", dim=10**12, signal_norm=0.1 + 0.2)
    assert parse_problem(problem.to_toml()) == problem
    assert parse_problem(problem.to_toml()).draw_key() == problem.draw_key()
    assert problem.replace(stop_at_target=True, test_tokens=9).draw_key() == problem.draw_key()
    assert problem.replace(noise_std=0.04).draw_key() != problem.draw_key()


def test_without_a_model_a_file_is_the_attention_model_as_before():
    assert parse_problem("dim = 2e9") == Problem(dim=2 * 10**9)
    assert parse_problem('model = "attention"') == Problem()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('model = "relu"', ["model = 'relu'", "relu_cnn", "attention"]),
        ('model = "linear"\ndata = "noise"', ["data = 'noise'", "cluster"]),
        ('model = "linear"\npower = 2', ["power: unknown key", "signal_norm"]),
        ('model = "relu_cnn"\npower = 2.5', ["power = 2.5"]),
        ('model = "relu_cnn"\nbatch_size = 30', ["batch_size = 30", "n_samples = 20"]),
        ('model = "single_head"\ndata = "cluster"', ["two tokens", "signal_noise"]),
        ('model = "linear"\nkey_dim = 5', ["key_dim: unknown key"]),
        ('model = "xor"\ndim = 1', ["model = 'xor'"]),
        ('model = "linear"\nmomentum = 1.0', ["momentum = 1.0", "less than 1"]),
        ('model = ["linear"]', ["model = ['linear']"]),
    ],
)
def test_bad_files_are_refused_in_one_line_with_code_2(tmp_path, capsys, text, words):
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    assert run(["simulate", str(path), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert all(word in said.replace("\n", " ") for word in words), said
    assert not (tmp_path / "out").exists()


def test_commands_about_the_attention_model_say_so(tmp_path, capsys):
    path = tmp_path / "cnn.toml"
    path.write_text('model = "relu_cnn"\n', encoding="utf-8")
    for command in ("assumptions", "predict"):
        assert run([command, str(path)]) == 2
        assert "attention model" in capsys.readouterr().err


def test_engines_and_arrays_that_do_not_serve_are_refused():
    problem = make_problem(model="linear", n_samples=3, test_tokens=2)
    for options, words in (
        ({"engine": "direct"}, 'set start = "materialised"'),
        ({"engine": "fast"}, "unknown"),
        ({"device": "abacus"}, "does not see it"),
    ):
        with pytest.raises(EngineError, match=words):
            train(problem, seeds=1, steps=1, **options)
    huge = problem.replace(n_samples=100_000)
    with pytest.raises(EngineError, match="GB"):
        train(huge, seeds=1, steps=1)


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
def test_a_sampled_start_has_the_law_of_real_arrays(noise):
    problem = make_problem(
        model="relu_cnn", neurons=2, n_samples=3, dim=7, noise=noise, noise_std=0.5, init_std=1.0
    )
    real = problem.replace(start="materialised")
    sampled = [draw_start(problem, run) for run in range(1500)]
    projected = [project_arrays(real, draw_model_arrays(real, run)) for run in range(1500)]
    statistics = {
        "a noise token's square": lambda start: start.gram[1, 1],
        "noise and signal": lambda start: start.gram[0, 2],
        "two noise tokens": lambda start: start.gram[1, 3],
        "a product": lambda start: start.products[2, 1],
        "a weight's square": lambda start: start.noise_weights[0, 0],
        "two weights": lambda start: start.noise_weights[1, 2],
        "product and square": lambda start: start.products[1, 0] ** 2 - start.noise_weights[0, 0],
    }
    for name, statistic in statistics.items():
        ours, theirs = ([statistic(start) for start in starts] for starts in (sampled, projected))
        assert ks_2samp(ours, theirs).pvalue > 1e-4, name


def test_the_linear_model_has_its_closed_error():
    problem = make_problem(
        model="linear", n_samples=10, dim=1000, noise_std=0.1, signal_norm=0.3, flip_prob=0.2,
        learning_rate=0.1, test_tokens=20_000,
    )  # fmt: skip
    trained = train(problem, seeds=3, steps=100, log_at="every:50")
    signal, length = trained["signal_memory"][:, 1:], trained["weight_norm"][:, 1:]
    clean = norm.cdf(-signal / (0.1 * length))
    expected = 0.2 + 0.6 * clean
    assert (expected > 0.21).all()
    assert (expected < 0.45).all()
    assert np.abs(trained["test_error"][:, 1:] - expected).max() < 4 * 0.5 / np.sqrt(20_000)
    assert (trained["test_error_low"][:, 1:] < expected).all()
    assert (trained["test_error_high"][:, 1:] > expected).all()


def test_a_run_does_not_depend_on_the_runs_beside_it():
    problem = make_problem(
        model="relu_cnn", n_samples=6, dim=10**6, flip_prob=0.2, batch_size=4, label_noise=0.1,
        noise_std=1e-3, test_tokens=16,
    )  # fmt: skip
    together = train(problem, seeds=5, steps=70, log_at="every:35")
    alone = train(problem, seeds=[3], steps=70, log_at="every:10")
    for name in quantities_of(problem):
        np.testing.assert_allclose(together[name][3, -1], alone[name][0, -1], rtol=1e-10)


def test_numbers_hardly_change_between_ten_billion_dimensions_and_a_trillion():
    wide = make_problem(
        model="relu_cnn", n_samples=20, dim=10**10, noise="orthogonal", noise_std=1e-5,
        signal_norm=0.1, learning_rate=50.0, test_tokens=64,
    )  # fmt: skip
    wider = wide.replace(dim=10**12, noise_std=1e-6)
    losses = [np.median(train(p, seeds=48, steps=100)["train_loss"][:, -1]) for p in (wide, wider)]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


def test_simulate_sweep_and_export_work_for_a_model(tmp_path, capsys):
    path = tmp_path / "cnn.toml"
    path.write_text(
        'model = "relu_cnn"\nn_samples = 4\ndim = 1e9\nneurons = 2\ntest_tokens = 8\n',
        encoding="utf-8",
    )
    out = tmp_path / "out"
    options = ["--seeds", "2", "--steps", "5", "--out", str(out), "--json"]
    for _ in range(2):  # the second time nothing is left to train
        assert run(["simulate", str(path), *options]) == 0
        document = json.loads(capsys.readouterr().out)
        assert {"train_loss", "signal_memory"} <= document["medians"].keys()
    sweep = tmp_path / "grid.toml"
    sweep.write_text(
        'seeds = 2\nsteps = 4\n[problem]\nmodel = "leaky_relu"\nneurons = 2.0\ndim = 1e9\n'
        "test_tokens = 4\n[grid]\nn_samples = [3, 4.0]\nslope = [0.1, 0.5]\n",
        encoding="utf-8",
    )
    folder = tmp_path / "swept"
    assert run(["sweep", str(sweep), "--out", str(folder), "--quiet"]) == 0
    assert run(["sweep", str(sweep), "--out", str(folder), "--quiet", "--resume"]) == 0
    store = TrajectoryStore(folder, json.loads((folder / "settings.json").read_text())["settings"])
    assert len(store.names()) == 4
    assert sorted(set(store.dataset().slope.values)) == [0.1, 0.5]
    for form in ("csv", "npz"):
        file = tmp_path / f"all.{form}"
        assert run(["export", str(folder), "--to", form, "--out", str(file), "--quiet"]) == 0
    rows = list(csv.DictReader((tmp_path / "all.csv").read_text().splitlines()))
    assert len(rows) == 4 * 2 * 5
    assert "signal_memory" in rows[0]
    assert "v_plus" not in rows[0]


def test_a_store_may_hold_several_models(tmp_path):
    store = TrajectoryStore(tmp_path, {})
    for name, problem in {
        "attention": Problem(n_samples=3, dim=50, test_tokens=4),
        "head": make_problem(model="single_head", n_samples=3, test_tokens=4),
    }.items():
        store.save(name, train(problem, seeds=1, steps=2))
    data = store.dataset(pad=True)
    assert data.model.values.tolist() == ["", "single_head"]
    assert np.isnan(data.key_dim.values[1])
    again = store.read("head")
    assert again.problem.fields()["model"] == "single_head"
    assert again.dataset.attention_first.attrs["long_name"].startswith("attention on the first")


def test_a_sweep_refuses_to_vary_its_model(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text('seeds=1\nsteps=1\n[grid]\nmodel = ["linear"]\n', encoding="utf-8")
    with pytest.raises(SweepError, match="one model"):
        read_sweep(path)


def test_label_noise_and_batches_have_their_shares():
    from bofcheck.simulate.reduced.steps import StepDraws

    problem = make_problem(model="linear", n_samples=10, batch_size=4, label_noise=0.3)
    draws = StepDraws(problem, [0, 1], "cpu")
    weights, signs = zip(*(draws.next() for _ in range(2000)), strict=True)
    chosen = np.stack([weight.numpy() > 0 for weight in weights])
    assert (chosen.sum(axis=2) == 4).all()
    assert np.abs(chosen.mean(axis=0) - 0.4).max() < 5 * np.sqrt(0.24 / 2000)
    flips = np.stack([sign.numpy() < 0 for sign in signs]).mean(axis=0)
    assert np.abs(flips - 0.3).max() < 5 * np.sqrt(0.21 / 2000)


def test_make_problem_says_what_is_allowed():
    with pytest.raises(ProblemError, match="unknown key; allowed: model, data, n_samples"):
        make_problem(model="linear", **{"p" * 100: 1})


class Squared(Model):
    """A model written by a user."""

    name: ClassVar[str] = "squared"
    source: ClassVar[str] = "a test"
    neurons: int = 2
    fault: str = ""

    def start_stds(self):
        return np.full(self.neurons, 0.3)

    def forward(self, tokens, extra):
        if self.fault == "detach":
            return (tokens * tokens.detach()).sum(dim=(1, 3))
        if self.fault == "shape":
            return tokens.sum(dim=1)
        if self.fault == "constant":
            return tokens.detach().sum(dim=(1, 3))
        return (tokens**2).sum(dim=(1, 3))


def test_a_model_of_your_own_is_trained_from_python():
    problem = ModelProblem(network=Squared(), law=Xor(), n_samples=3, dim=10**9, test_tokens=4)
    assert train(problem, seeds=2, steps=3)["train_loss"].shape == (2, 4)
    real = problem.replace(dim=20, start="materialised", neurons=3)
    assert real.network == Squared(neurons=3)
    ours, theirs = (train(real, seeds=1, steps=9, engine=e) for e in ("span", "direct"))
    np.testing.assert_allclose(ours["train_loss"], theirs["train_loss"], rtol=1e-9)
    assert check_model(Squared(), Xor()) < 1e-9


@pytest.mark.parametrize(
    ("fault", "words"),
    [("detach", "its gradient is"), ("shape", "forward gives shape"), ("constant", "not depend")],
)
def test_a_model_with_a_fault_is_refused_in_one_line(fault, words):
    with pytest.raises(EngineError, match=words) as error:
        check_model(Squared(fault=fault), Xor())
    assert "\n" not in str(error.value)
