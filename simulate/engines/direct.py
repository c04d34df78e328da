"""Engine ``direct``: plain autograd on the dense weights, the slow and obvious reference.

The forward pass is written as in §2 of the theory (SOURCE): softmax over keys, mean over
queries, no 1/√d_h. Nothing here uses the reduced state: snapshots are computed from the dense
arrays, definition by definition. This module alone imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..data.signal_noise import Labels
from ..errors import EngineError
from ..initialization import InitialArrays, draw_arrays
from ..problem import Problem
from ..snapshot import TAIL_TOKENS, Snapshot, TailFrame
from ._protocol import LearningRates

_DTYPES = {"float64": torch.float64, "float32": torch.float32}

#: Most numbers that the runs of one window hold together.
_WINDOW_NUMBERS = 64_000_000


class Step(Enum):
    """Outcome of a gradient step."""

    TAKEN = "taken"
    DIVERGED = "an output was not finite"
    REACHED = "the target loss was reached before"


class DenseModel:
    """Weights and tokens of one run at their real dimensions.

    Attributes:
        tokens: (N, 2, d) signal and noise token of each training sample.
        observed: (N,) labels trained on.
        weights: W_Q (d, d_h), W_K (d, d_h), W_V (d, d_v) and w_O (d_v,).
    """

    def __init__(self, arrays: InitialArrays, problem: Problem, device: str) -> None:
        def tensor(values: NDArray[Any]) -> Tensor:
            return torch.tensor(values, dtype=_DTYPES[problem.dtype], device=device)

        row = np.where(arrays.labels.true > 0, 0, 1)
        self.tokens = tensor(np.stack([arrays.signals[row], arrays.noise], axis=1))
        self.observed = tensor(arrays.labels.observed)
        self.weights = {
            name: tensor(getattr(arrays, name)) for name in ("W_Q", "W_K", "W_V", "w_O")
        }
        self._signals = tensor(arrays.signals)
        self._test_noise = tensor(arrays.test_noise)
        self._orthogonal = problem.noise == "orthogonal"

    def logits(self) -> Tensor:
        """(N, 2, 2) query·key logits of every sample, signal token first."""
        w = self.weights
        return (self.tokens @ w["W_Q"]) @ (self.tokens @ w["W_K"]).transpose(1, 2)

    def outputs(self) -> Tensor:
        """(N,) f(X_n) = mean over queries of softmax(x W_Q W_Kᵀ Xᵀ) X W_V w_O."""
        attention = torch.softmax(self.logits(), dim=2)
        values = self.tokens @ self.weights["W_V"] @ self.weights["w_O"]
        return (attention @ values[:, :, None])[:, :, 0].mean(dim=1)

    def step(self, rates: dict[str, float], target: float = 0.0) -> Step:
        """One gradient step on the weights in ``rates``.

        No step is taken if f is not finite, or the training loss is at most ``target`` already.
        """
        trained = [self.weights[name].requires_grad_() for name in rates]
        f = self.outputs()
        if not torch.isfinite(f).all():
            return Step.DIVERGED
        # logsigmoid keeps full precision where softplus switches to its asymptote
        loss = -torch.nn.functional.logsigmoid(self.observed * f).mean()
        if target > 0.0 and loss.item() <= target:
            return Step.REACHED
        gradients = torch.autograd.grad(loss, trained)
        with torch.no_grad():
            for weight, rate, gradient in zip(trained, rates.values(), gradients, strict=True):
                weight -= rate * gradient
        return Step.TAKEN

    @torch.no_grad()
    def show(self) -> dict[str, Tensor]:
        """The fields of `Snapshot` for this run, without the run axis."""
        W_Q, W_K, W_V, w_O = (self.weights[name] for name in ("W_Q", "W_K", "W_V", "w_O"))
        signals, fresh = self._signals, self._test_noise
        logits = self.logits()
        u = W_V @ w_O
        line = u
        if self._orthogonal:
            for signal in signals:
                line = line - signal * (signal @ line) / (signal @ signal)
        length = _length(line)
        if length > 0:
            line = line / length
        fresh_q, fresh_k = fresh @ W_Q, fresh @ W_K
        line_q, line_k = line @ W_Q, line @ W_K
        signal_q, signal_k = signals @ W_Q, signals @ W_K
        return {
            "signal_gap": logits[:, 0, 0] - logits[:, 0, 1],
            "noise_gap": logits[:, 1, 0] - logits[:, 1, 1],
            "signal_values": signals @ u,
            "noise_values": self.tokens[:, 1] @ u,
            "value_norm": _length(u),
            "output_norm": _length(w_O),
            "signal_logit": (signal_q * signal_k).sum(dim=1),
            "test_values": fresh @ u,
            "test_signal_query": fresh_k @ signal_q.T,
            "test_noise_query": fresh_q @ signal_k.T,
            "test_noise_self": (fresh_q * fresh_k).sum(dim=1),
            "line_values": length,
            "line_signal_query": signal_q @ line_k,
            "line_noise_query": signal_k @ line_q,
            "line_self_first": fresh_q @ line_k + fresh_k @ line_q,
            "line_self_second": line_q @ line_k,
        }

    @torch.no_grad()
    def show_tail(self, tokens: int) -> dict[str, Tensor]:
        """The shared directions of `TailFrame` for this run, without the run axis.

        The model holds a single W(0), so no part of a token's key belongs to the token alone.
        """
        W_Q, W_K, W_V, w_O = (self.weights[name] for name in ("W_Q", "W_K", "W_V", "w_O"))
        u = W_V @ w_O
        all_tokens = torch.cat([self._signals, self.tokens[:, 1]])
        squares = (all_tokens**2).sum(dim=1)
        shares = torch.where(squares > 0, (all_tokens @ u) / squares, 0.0)  # a 0 adds nothing
        seen = shares @ all_tokens
        queries, keys = self._signals @ W_Q, self._signals @ W_K
        directions = [u[None], queries @ W_K.T, keys @ W_Q.T, queries @ W_Q.T, keys @ W_K.T]
        directions += [(seen @ W_K)[None] @ W_Q.T, (seen @ W_Q)[None] @ W_K.T]
        frame = torch.cat(directions)
        if self._orthogonal:
            for signal in self._signals:
                frame = frame - torch.outer(frame @ signal, signal) / (signal @ signal)
        frame_q, frame_k = frame @ W_Q, frame @ W_K
        fresh = self._test_noise[:tokens]
        crossed = frame_q @ frame_k.T
        return {
            "gram": frame @ frame.T,
            "own": (crossed + crossed.T) / 2,
            "along": fresh @ frame.T,
            "first": (fresh @ W_Q) @ frame_k.T + (fresh @ W_K) @ frame_q.T,
        }


def _length(vector: Tensor) -> Tensor:
    """Euclidean norm, also where squares of the entries overflow or vanish."""
    norm: Tensor = vector.norm()
    largest = vector.abs().max()
    safe = 1e15 if vector.dtype == torch.float32 else 1e140
    if 1 / safe < largest < safe or largest == 0 or not torch.isfinite(largest):
        return norm
    scaled: Tensor = largest * (vector / largest).norm()
    return scaled


def _stack(shown: Sequence[dict[str, Tensor]]) -> dict[str, NDArray[np.float64]]:
    """Runs' fields with a leading run axis, in float64 on this machine."""
    return {
        name: np.stack([run[name].cpu().numpy().astype(np.float64) for run in shown])
        for name in shown[0]
    }


class DirectRun:
    """A batch of runs, trained one after the other.

    Attributes:
        labels: signs of each run's samples.
        models: the runs' dense models, in their present state.
    """

    def __init__(
        self,
        problem: Problem,
        arrays: Sequence[InitialArrays],
        rates: LearningRates,
        device: str,
    ) -> None:
        self.labels: Sequence[Labels] = [start.labels for start in arrays]
        self.models = [DenseModel(start, problem, device) for start in arrays]
        self._rates = {"W_Q": rates.query_key, "W_K": rates.query_key, "W_V": rates.value}
        if problem.train_output:
            self._rates["w_O"] = rates.output
        self._target = problem.target_loss if problem.stop_at_target else 0.0
        self._diverged = np.full(len(arrays), -1, dtype=np.int64)
        self._reached = self._diverged.copy()
        self._step = 0

    def advance(self, steps: int) -> None:
        """Take that many gradient steps with every run that has neither diverged nor ended."""
        for i, model in enumerate(self.models):
            if self._diverged[i] >= 0 or self._reached[i] >= 0:
                continue
            for step in range(self._step, self._step + steps):
                outcome = model.step(self._rates, self._target)
                if outcome is not Step.TAKEN:
                    ended = self._diverged if outcome is Step.DIVERGED else self._reached
                    ended[i] = step
                    break
        self._step += steps

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs."""
        self.labels = [run for run, kept in zip(self.labels, which, strict=True) if kept]
        self.models = [run for run, kept in zip(self.models, which, strict=True) if kept]
        self._diverged, self._reached = self._diverged[which], self._reached[which]

    def snapshot(self, tail_tokens: int = TAIL_TOKENS) -> Snapshot:
        """The present state, with that many fresh tokens in its tail frame."""
        shared = _stack([model.show_tail(tail_tokens) for model in self.models])
        tail = TailFrame(
            **{name: np.pad(shared[name], ((0, 0), (0, 1), (0, 1))) for name in ("gram", "own")},
            **{name: np.pad(shared[name], ((0, 0), (0, 0), (0, 1))) for name in ("along", "first")},
        )
        tail.gram[:, -1, -1] = 1.0
        return Snapshot(**_stack([model.show() for model in self.models]), tail=tail)

    def diverged_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run's output stopped being finite, -1 if it has not."""
        return self._diverged.copy()

    def stopped_at(self) -> NDArray[np.int64]:
        """(R,) step at which each run ended at its target loss, -1 if it has not."""
        return self._reached.copy()


class DirectEngine:
    """The autograd reference, in float64 or float32 on any device torch sees.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> problem = Problem(n_samples=4, dim=30, key_dim=3, value_dim=2, start="materialised")
        >>> direct, span = (train(problem, seeds=1, steps=20, engine=e) for e in ("direct", "span"))
        >>> float(abs(direct["train_loss"] - span["train_loss"]).max()) < 1e-12
        True
    """

    name = "direct"
    needs_arrays = True

    def start(
        self,
        problem: Problem,
        runs: Sequence[int],
        arrays: Sequence[InitialArrays] | None,
        rates: LearningRates,
        device: str,
    ) -> DirectRun:
        """Materialised start, or the arrays given.

        Raises:
            EngineError: for a sampled start, or a device torch does not see.
        """
        _check_device(device)
        if arrays is None:
            if problem.start == "sampled":
                raise EngineError(
                    "engine direct needs real arrays, which a sampled start does not have; "
                    'set start = "materialised"'
                )
            arrays = [draw_arrays(problem, run) for run in runs]
        return DirectRun(problem, arrays, rates, device)

    def window(self, problem: Problem) -> int:
        """Runs whose weights, gradients and test tokens take about half a gigabyte."""
        p = problem
        numbers = p.dim * (2 * (2 * p.key_dim + p.value_dim) + p.n_samples + 4 * p.test_tokens)
        return max(1, min(64, _WINDOW_NUMBERS // numbers))

    def provenance(self) -> dict[str, Any]:
        """Versions and threads the numbers depend on."""
        return {"torch": torch.__version__, "threads": torch.get_num_threads()}


def _check_device(device: str) -> None:
    """Try the device, so that a wrong device fails in one line and before any draw."""
    try:
        torch.zeros(1, device=device).item()
    # which of these torch raises depends on device and build
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise EngineError(
            f"engine direct cannot run on device {device!r}, which this torch does not see; "
            'use "cpu", or a device this torch was built for'
        ) from error


ENGINE = DirectEngine()
