"""A trained w_O, from several lengths at the start."""

from __future__ import annotations

from ..axis import Axis, Departure
from ..setting import Setting


def _trained(norm: float, full: bool) -> Departure:
    """Values start so that V is as in the base, and only the output's length differs."""

    def change(base: Setting) -> Setting:
        problem = base.problem
        return base.replace(
            train_output=True, output_norm=norm * problem.output_norm,
            init_std_v=problem.init_std_v / norm,
        )  # fmt: skip

    return Departure("trained w_O", 1 / norm, f"‖w_O‖ = {norm:g}", change, full, limit=True)


AXIS = Axis(
    title="output",
    about="w_O is trained like every weight; V starts as in the base",
    departures=tuple(
        _trained(norm, full)
        for norm, full in ((2.0, True), (1.0, False), (0.5, False), (0.25, True))
    ),
)
