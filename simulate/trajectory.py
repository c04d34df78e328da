"""`Trajectory`: the labelled result of training one problem with several seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import SimulationError
from .model_problem import AnyProblem
from .quantities import quantities_of

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trajectory:
    """Logged quantities of R runs at T log steps, with their provenance.

    Attributes:
        problem: the problem that was trained.
        seeds: (R,) run indices.
        steps: (T,) logged steps, in gradient steps.
        quantities: name -> (R, T) array; names and meanings in `QUANTITIES` for the attention
            model, from `quantities_of` for every other.
        diverged_at: (R,) step at which a run's output stopped being finite, -1 if never.
            Everything logged at or after that step is NaN. Elsewhere NaN is a mean over no
            sample, or a number about fresh samples that float64 cannot hold.
        positive: (R,) number of training samples with true label +1.
        flipped_positive: (R,) how many of these carry a flipped label.
        flipped_negative: (R,) number of training samples with true label -1 and a flipped label.
        provenance: versions, device, dtype, threads, engine, wall time.
        stopped_at: (R,) step at which a run ended at its target loss, -1 if it did not (the
            default). What is logged later is its state at that step.

    Raises:
        SimulationError: a quantity is not an (R, T) array of real numbers.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> trajectory = train(Problem(n_samples=4, dim=100), seeds=2, steps=10)
        >>> trajectory.dataset.train_loss.dims, trajectory.diverged.tolist()
        (('seed', 'step'), [False, False])
    """

    problem: AnyProblem
    seeds: NDArray[np.int64]
    steps: NDArray[np.int64]
    quantities: Mapping[str, Array]
    diverged_at: NDArray[np.int64]
    positive: NDArray[np.int64]
    flipped_positive: NDArray[np.int64]
    flipped_negative: NDArray[np.int64]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    stopped_at: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit; fill in -1 where no stops are given."""
        shape = (len(self.seeds), len(self.steps))
        for name, values in self.quantities.items():
            if np.asarray(values).dtype.kind not in "iuf":
                raise SimulationError(f"{name}: holds {np.asarray(values).dtype}, not real numbers")
            if np.shape(values) != shape:
                raise SimulationError(
                    f"{name}: has shape {np.shape(values)}; {shape[0]} runs at {shape[1]} steps "
                    f"need {shape}"
                )
        if not self.stopped_at.size:
            object.__setattr__(self, "stopped_at", np.full(len(self.seeds), -1, dtype=np.int64))

    def __getitem__(self, quantity: str) -> Array:
        """The (R, T) array of one quantity.

        Raises:
            KeyError: no quantity has that name; the message lists the names.
        """
        if quantity not in self.quantities:
            raise KeyError(f"no quantity {quantity!r}; there are {', '.join(self.quantities)}")
        return self.quantities[quantity]

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """(R,) whether each run diverged."""
        return self.diverged_at >= 0

    @property
    def dataset(self) -> xr.Dataset:
        """The same as an xarray Dataset with dimensions (seed, step)."""
        import xarray as xr  # half a second's import, which few commands need

        meanings = quantities_of(self.problem)
        data = {
            name: (("seed", "step"), values, {"long_name": meanings[name]})
            for name, values in self.quantities.items()
        }
        return xr.Dataset(
            {
                **data,
                "diverged_at": (("seed",), self.diverged_at),
                "stopped_at": (("seed",), self.stopped_at),
                "positive": (("seed",), self.positive),
                "flipped_positive": (("seed",), self.flipped_positive),
                "flipped_negative": (("seed",), self.flipped_negative),
            },
            coords={"seed": self.seeds, "step": self.steps},
            attrs={"problem": self.problem.to_toml()},
        )
