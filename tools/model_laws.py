"""Two laws of the ReLU CNN, measured: which combination of N, d and SNR decides its test error.

``python tools/model_laws.py`` prints, for each law and strength, the range over N and d of the
median over runs of P(ŷf ≤ 0) at the first step with training loss at most 0.01. A law that holds
makes the range narrow, whatever N and d are. Noise tokens have length near 1 (σ_p = 1/√d), so μ is
the SNR. For q = 1 the start must be small beside what is learnt, σ_0 ≪ √(N/d), as Kou et al. ask: a
fresh token meets W(0) too. ``--init 0.01`` keeps σ_0 at 0.01 instead, and the law fails at large d.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bofcheck.simulate import make_problem, train


@dataclass(frozen=True)
class Law:
    """A law of the form strength = a function of N, d and SNR.

    Attributes:
        name: its strength as a formula, with its source.
        snr: from strength, N and d to the SNR.
        strengths: strengths to measure.
        init: σ_0 from d.
        fields: other fields of every problem.
    """

    name: str
    snr: Callable[[float, int, int], float]
    strengths: Sequence[float]
    init: Callable[[int], float]
    fields: dict[str, object]


LAWS = (
    Law(
        "N d SNR^4, q = 1, flips 0.1 (Kou et al. 2023)",
        lambda strength, n, d: float((strength / (n * d)) ** 0.25),
        (0.25, 1.0, 4.0, 8.0),
        lambda d: float(0.1 * d**-0.5),
        {"power": 1, "flip_prob": 0.1},
    ),
    Law(
        "N SNR^3, q = 3, no flips (Cao et al. 2022)",
        lambda strength, n, d: float((strength / n) ** (1 / 3)),
        (0.1, 0.3, 1.0, 3.0, 10.0),
        lambda d: 0.1,
        {"power": 3},
    ),
)


def clean_error(
    law: Law, strength: float, n: int, d: int, seeds: int, init: float | None = None
) -> float:
    """Median over runs of P(ŷf ≤ 0) once the training labels are fitted; NaN if most are not."""
    problem = make_problem(
        model="relu_cnn", data="signal_noise", noise="orthogonal", n_samples=n, dim=d,
        signal_norm=law.snr(strength, n, d), noise_std=d**-0.5, learning_rate=2.5 * n,
        target_loss=0.01, stop_at_target=True, test_tokens=1000,
        init_std=law.init(d) if init is None else init, **law.fields,
    )  # fmt: skip
    trajectory = train(problem, seeds=seeds, steps=4000, log_at="every:250")
    p = problem.flip_prob
    errors = (trajectory["test_error"][:, -1] - p) / (1.0 - 2.0 * p)
    fitted = trajectory.stopped_at >= 0
    return float(np.median(errors[fitted])) if fitted.mean() > 0.5 else float("nan")


def main(args: Sequence[str] | None = None) -> int:
    """Measure both laws and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=32, help="runs of a cell")
    parser.add_argument("--dims", default="1e3,1e4,1e6,1e9,1e12", help="values of d, with commas")
    parser.add_argument("--samples", default="10,20,40", help="values of N, with commas")
    parser.add_argument("--init", type=float, help="the same σ_0 for every d")
    chosen = parser.parse_args(args)
    dims = [int(float(text)) for text in chosen.dims.split(",")]
    samples = [int(text) for text in chosen.samples.split(",")]
    for law in LAWS:
        began = time.perf_counter()
        print(law.name, flush=True)
        for strength in law.strengths:
            cells = {
                (n, d): clean_error(law, strength, n, d, chosen.seeds, chosen.init)
                for n in samples
                for d in dims
            }
            errors = list(cells.values())
            print(f"  {strength:5g}: {min(errors):.4f} to {max(errors):.4f}", flush=True)
            for n in samples:
                row = "  ".join(f"{cells[n, d]:.4f}" for d in dims)
                print(f"         N = {n:3d}: {row}", flush=True)
        print(f"  {time.perf_counter() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
