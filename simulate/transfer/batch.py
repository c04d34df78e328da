"""`Batch`: runs of settings of one shape, as tensors with a leading run axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..initialization import draw_arrays
from ..randomness import Stream, generator
from .samples import Samples
from .setting import Setting
from .span import basis, spans

Array = NDArray[np.float64]

#: Weights that meet the tokens.
FIRST = ("W_Q", "W_K", "W_V")


@dataclass
class Batch:
    """R runs in training; all settings differ at most in their problems' scales and rates.

    Attributes:
        settings: (R) the setting of each run.
        samples: (R) its data.
        runs: (R) run indices.
        tokens: (R, N, M, n) training tokens, in n coordinates.
        true, observed: (R, N) labels.
        is_signal: (R, N, M).
        signals: (R, K, n).
        test_tokens: (R, T, M, n).
        weights: name -> tensor, trained or not.
        trained: names of the trained weights.
        rest: name -> (R, T, M, width) what test tokens meet outside the span at step 0.
        left: (R,) factor by which weight decay has shrunk that.
        rate: (R,) step sizes.
        in_span: whether n < d.
    """

    settings: list[Setting]
    samples: list[Samples]
    runs: list[int]
    tokens: Tensor
    true: Tensor
    observed: Tensor
    is_signal: Tensor
    signals: Tensor
    test_tokens: Tensor
    weights: dict[str, Tensor]
    trained: list[str]
    rest: dict[str, Tensor]
    left: Tensor
    rate: Tensor
    in_span: bool

    def products(self, tokens: Tensor, rest: bool = False) -> dict[str, Tensor]:
        """Queries, keys and values of tokens (R, n, M, ·)."""
        names = [name for name in FIRST if name in self.weights]
        joined = torch.cat([self.weights[name] for name in names], dim=2)
        made = (tokens.flatten(1, 2) @ joined).reshape(*tokens.shape[:3], -1)
        widths = [self.weights[name].shape[2] for name in names]
        out = dict(zip(names, torch.split(made, widths, dim=3), strict=True))
        if rest and self.rest:
            left = self.left[:, None, None, None]
            out = {name: part + left * self.rest[name] for name, part in out.items()}
        if "q" in self.weights:
            out["W_Q"] = self.weights["q"][:, None, None, :].expand(-1, tokens.shape[1], 1, -1)
        return out

    def outputs(self) -> tuple[Tensor, Tensor]:
        """(R, N) outputs of the training samples and their attention."""
        return self._forward(self.products(self.tokens))

    def test_outputs(self) -> Tensor:
        """(R, T) outputs of the fresh samples."""
        return self._forward(self.products(self.test_tokens, rest=True))[0]

    def true_test(self) -> Tensor:
        """(R, T) true labels of the fresh samples."""
        return torch.from_numpy(np.stack([one.test_true for one in self.samples]))

    def test_chances(self) -> tuple[Tensor, Tensor]:
        """(R, T) weight of each fresh sample, and the chance that its label is flipped."""
        weight = np.stack([one.test_weight for one in self.samples])
        chance = np.stack([one.test_flip for one in self.samples])
        return torch.from_numpy(weight), torch.from_numpy(chance)

    def _forward(self, made: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        pieces = self.settings[0]
        return pieces.architecture.forward(
            made["W_Q"], made["W_K"], made["W_V"], self.weights, pieces.attention
        )


def start_batch(runs: Sequence[tuple[Setting, int]]) -> Batch:
    """Draw samples and weights of runs.

    Args:
        runs: setting and run index of each; all of one shape.
    """
    settings, indices = [one for one, _ in runs], [run for _, run in runs]
    in_span = spans(settings[0])
    stacks: dict[str, list[Array]] = {}
    samples = []
    for setting, run in runs:
        drawn = setting.samples.draw(setting.problem, run, setting.labels)
        samples.append(drawn)
        for name, value in _start(setting, run, drawn, in_span).items():
            stacks.setdefault(name, []).append(value)
    tensors = {name: torch.from_numpy(np.stack(values)) for name, values in stacks.items()}
    weights = {n.removeprefix("w:"): t for n, t in tensors.items() if n.startswith("w:")}
    trained = [name for name in weights if name != "w_O" or settings[0].problem.train_output]
    return Batch(
        settings=settings, samples=samples, runs=indices,
        **{name: tensors[name] for name in ("tokens", "true", "observed", "is_signal", "signals")},
        test_tokens=tensors["test_tokens"], weights=weights, trained=trained,
        rest={n.removeprefix("r:"): t for n, t in tensors.items() if n.startswith("r:")},
        left=torch.ones(len(runs), dtype=torch.float64),
        rate=torch.tensor([s.problem.learning_rate for s in settings], dtype=torch.float64),
        in_span=in_span,
    )  # fmt: skip


def _start(setting: Setting, run: int, drawn: Samples, in_span: bool) -> dict[str, Array]:
    """One run's arrays by name; weights begin with ``w:``, remainders with ``r:``."""
    problem = setting.problem
    arrays = draw_arrays(problem, run)
    first = {name: getattr(arrays, name) for name in FIRST}
    rng = generator(problem, run, Stream.DEEPER_LAYERS)
    more = setting.architecture.deeper_weights(rng, problem)
    if setting.attention.single_query:
        first["q"] = (
            problem.init_std_qk * problem.signal_norm * rng.standard_normal(problem.key_dim)
        )
        del first["W_Q"]
    tokens, test, signals = drawn.tokens, drawn.test_tokens, drawn.signals
    rest: dict[str, Array] = {}
    if in_span:
        columns = basis(np.vstack([signals, tokens[~drawn.is_signal]]))
        seen = test @ columns
        for name in FIRST:
            if name in first:
                inside = columns.T @ first[name]
                rest[f"r:{name}"] = test @ first[name] - seen @ inside
                first[name] = inside
        tokens, test, signals = tokens @ columns, seen, signals @ columns
    return {
        "tokens": tokens, "test_tokens": test, "signals": signals, "true": drawn.true,
        "observed": drawn.observed, "is_signal": drawn.is_signal,
        **{f"w:{name}": value for name, value in (first | more).items()},
        "w:w_O": arrays.w_O, **rest,
    }  # fmt: skip
