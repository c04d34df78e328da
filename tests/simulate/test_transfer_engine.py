"""Departures: without one they train as the direct engine, in the span as on whole arrays."""

import dataclasses

import numpy as np
import pytest

from bofcheck.simulate import Problem, SimulationError, train
from bofcheck.simulate.transfer import Setting, axis_names, get_axis, span, train_settings
from bofcheck.simulate.transfer.axes import data, label_noise, noise
from bofcheck.simulate.transfer.axes.optimiser import Momentum, WeightDecay
from bofcheck.simulate.transfer.label_noise import LabelNoise
from bofcheck.simulate.transfer.samples import SampleLaw

PROBLEM = Problem(
    n_samples=6, dim=40, key_dim=8, value_dim=8, signal_norm=2.0, noise_std=0.3, flip_prob=0.2,
    learning_rate=0.2, init_std_qk=0.1, init_std_v=0.01, start="materialised", test_tokens=32,
)  # fmt: skip
SAME = ("train_loss", "test_loss", "test_error", "attention_clean", "residual_clean")


def short(setting, **more):
    settings = {"runs": 2, "steps": 60, "log_at": "every:20", **more}
    return train_settings(setting, **settings)[0]


@pytest.mark.parametrize("trained", [False, True])
def test_no_departure_trains_as_the_direct_engine(trained):
    problem = PROBLEM.replace(train_output=trained)
    direct = train(problem, seeds=2, steps=300, engine="direct", log_at="every:60")
    curves = short(Setting(problem), steps=300, log_at="every:60")
    assert curves.in_span
    for name in SAME:
        assert np.abs(direct[name] - curves[name]).max() < 1e-9, name
    signal = (direct["v_plus"] - direct["v_minus"]) / 2
    assert np.abs(signal - curves["v_signal"]).max() < 1e-9
    assert direct["train_loss"][0, -1] < 0.5 * direct["train_loss"][0, 0]


CHANGES = {
    "weight decay": {"optimiser": WeightDecay(decay=0.05)},
    "momentum": {"optimiser": Momentum(momentum=0.5)},
    "three classes, four tokens": {"samples": SampleLaw(classes=3, tokens=4)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_training_in_the_span_is_training_on_whole_arrays(change, monkeypatch):
    setting = Setting(PROBLEM).replace(**change)
    inside = short(setting)
    monkeypatch.setattr("bofcheck.simulate.transfer.batch.spans", lambda setting: False)
    whole = short(setting)
    assert (inside.in_span, whole.in_span) == (True, False)
    for name, values in inside.quantities.items():
        np.testing.assert_allclose(values, whole[name], atol=1e-9, err_msg=name)


def test_momentum_and_decay_are_those_of_torch():
    torch = pytest.importorskip("torch")
    start = torch.randn(2, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for ours, theirs in (
        (Momentum(momentum=0.9), {"lr": 0.01, "momentum": 0.9}),
        (WeightDecay(decay=0.3), {"lr": 0.1, "weight_decay": 0.3}),
    ):
        mine, other = start.clone(), start.clone().requires_grad_()
        optimiser, memory = torch.optim.SGD([other], **theirs), {}
        for step in range(5):
            ours.step([mine], [mine**2], torch.full((2,), 0.1).double(), memory, step)
            other.grad = other.detach() ** 2
            optimiser.step()
        assert torch.allclose(mine, other, atol=1e-12)


def test_one_layer_is_what_torch_attends_to():
    torch = pytest.importorskip("torch")
    setting = Setting(PROBLEM)
    made = [torch.randn(1, 2, 3, 8, dtype=torch.float64) for _ in range(3)]
    weights = {"w_O": torch.ones(1, 8, dtype=torch.float64)}
    for count in (1, 2, 4):
        architecture = dataclasses.replace(setting.architecture, heads=count)
        ours, _ = architecture.forward(*made, weights, setting.attention)
        q, k, v = (part.unflatten(-1, (count, -1)).transpose(2, 3) for part in made)
        theirs = torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=1.0)
        assert torch.allclose(ours, theirs.transpose(2, 3).flatten(3).mean(2).sum(-1))


@pytest.mark.parametrize("name", axis_names())
def test_every_departure_starts_and_draws_its_data(name):
    doses = {}
    for departure in get_axis(name).of(full=True):
        setting = departure.change(Setting(PROBLEM.replace(n_samples=16, key_dim=32, value_dim=32)))
        curves = short(setting, runs=1, steps=1, log_at=[1])
        assert np.isfinite(curves["objective"]).all(), departure.name
        assert setting.key() != Setting(PROBLEM).key()
        doses.setdefault(departure.kind, []).append(departure.dose)
    assert all(found == sorted(set(found)) for found in doses.values())
    quick = get_axis(name).of(full=False)
    assert 2 <= len(quick) <= sum(map(len, doses.values()))


def test_noise_laws_keep_the_mean_square_length():
    problem = Problem(dim=400, noise_std=0.05)
    for law in (noise.PowerLaw(1.0), noise.StudentT(5.0), noise.Sparse(0.1),
                noise.Equicorrelated(0.1)):  # fmt: skip
        tokens = law.tokens(np.random.default_rng(0), problem, 4000)
        assert (tokens**2).sum(axis=1).mean() == pytest.approx(1.0, rel=0.05), law


def test_flips_keep_their_average_rate():
    true, rank = np.repeat([1.0, -1.0], 50), np.tile((np.arange(50) + 0.5) / 50, 2)
    for law in (LabelNoise(), label_noise.OneSided(), label_noise.ByMargin(), label_noise.Fresh()):
        assert law.chances(0.1, true, rank).mean() == pytest.approx(0.1)


def test_your_arrays_are_read_or_refused_in_one_line(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    path = tmp_path / "mine.npz"
    np.savez(path, tokens=rng.normal(size=(120, 5)) + labels[:, None], labels=labels)
    monkeypatch.setenv(data.FILE, str(path))
    departure = get_axis("data").of(full=False)[-1]
    assert (departure.kind, departure.label) == ("your data", "mine.npz")
    curves = short(departure.change(Setting(PROBLEM)))
    assert np.isfinite(curves["clean_error"]).all()
    np.savez(tmp_path / "bad.npz", tokens=np.zeros(3), labels=np.zeros(3))
    for name, said in (("bad.npz", "give \\(n, d\\)"), ("none.npz", "give an .npz")):
        monkeypatch.setenv(data.FILE, str(tmp_path / name))
        with pytest.raises(SimulationError, match=said) as caught:
            get_axis("data").of(full=False)
        assert "\n" not in str(caught.value)


def test_the_basis_holds_every_token():
    rows = np.random.default_rng(0).normal(size=(4, 9))
    columns = span.basis(rows)
    assert np.allclose(rows @ columns @ columns.T, rows)
    assert np.allclose(columns.T @ columns, np.eye(4))
