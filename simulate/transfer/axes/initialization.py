"""Other starts: scales of W_Q, W_K and W_V, and PyTorch's default."""

from __future__ import annotations

from ..axis import Axis, Departure
from ..setting import Setting


def _keys(scale: float, full: bool) -> Departure:
    return Departure(
        "W_Q and W_K", scale, f"× {scale:g}",
        lambda base: base.replace(init_std_qk=scale * base.problem.init_std_qk), full, limit=True,
    )  # fmt: skip


def _values(scale: float, full: bool) -> Departure:
    return Departure(
        "W_V", scale, f"× {scale:g}",
        lambda base: base.replace(init_std_v=scale * base.problem.init_std_v), full, limit=True,
    )  # fmt: skip


def _torch(factor: float, full: bool) -> Departure:
    """Uniform on ±1/√fan_in; the dose is the length of signal and noise in units of the base's."""

    def change(base: Setting) -> Setting:
        problem = base.problem
        return base.replace(
            init="torch-default", signal_norm=factor * problem.signal_norm,
            noise_std=factor * problem.noise_std,
        )  # fmt: skip

    return Departure("torch's default start", factor, f"tokens × {factor:g}", change, full)


AXIS = Axis(
    title="initialization",
    about="the scale of the first weights; everything else is the base's",
    departures=(
        *(_keys(scale, full)
          for scale, full in ((0.25, True), (0.5, False), (2.0, False), (4.0, True))),
        *(_values(scale, full)
          for scale, full in ((0.1, True), (3.0, True), (10.0, False), (30.0, False))),
        *(_torch(factor, full)
          for factor, full in ((0.25, True), (0.5, False), (1.0, False), (2.0, True))),
    ),
)  # fmt: skip
