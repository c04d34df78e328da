"""`Curves`: what was logged of the runs of one setting, and how it is kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError
from ..store.atomic import replacing

Array = NDArray[np.float64]

#: Every logged quantity and its meaning; per run and log step.
MEANINGS = {
    "objective": "mean of the loss that is trained, over training samples and their labels",
    "train_loss": "mean logistic loss of the training samples, whatever loss is trained",
    "train_error": "share of training labels not fitted",
    "flipped_fitted": "share of flipped training labels fitted",
    "residual_clean": "mean 1/(1+exp(y f)) of clean training samples",
    "test_loss": "logistic loss over fresh samples, flips integrated",
    "test_error": "P(y f <= 0) over fresh samples, flips integrated",
    "clean_error": "P(ŷ f <= 0) over fresh samples: wrong on the true label",
    "attention_clean": "share of the first layer's attention on signals, clean training samples",
    "v_signal": "mean over classes of y V of the signals",
    "v_noise": "mean |V_n| of the training noise tokens",
}


@dataclass(frozen=True)
class Curves:
    """Logged quantities of R runs at T steps.

    Attributes:
        steps: (T,) logged steps.
        quantities: name -> (R, T); NaN where a run diverged or a quantity means nothing.
        diverged_at: (R,) logged step at which a run was no longer finite, -1 if never.
        in_span: whether it trained in the span of its tokens.

    Example:
        >>> one = Curves(np.array([0]), {"objective": np.ones((1, 1))}, np.array([-1]), True)
        >>> one["objective"].tolist()
        [[1.0]]
    """

    steps: NDArray[np.int64]
    quantities: Mapping[str, Array]
    diverged_at: NDArray[np.int64]
    in_span: bool

    def __getitem__(self, name: str) -> Array:
        """The (R, T) array of one quantity."""
        return self.quantities[name]

    @property
    def runs(self) -> int:
        """How many runs."""
        return len(self.diverged_at)

    def save(self, path: Path) -> None:
        """Write all of it as one ``.npz``, or nothing."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            arrays: dict[str, Any] = {f"q_{name}": v for name, v in self.quantities.items()}
            arrays |= {"steps": self.steps, "diverged_at": self.diverged_at}
            np.savez(file, in_span=np.array(self.in_span), **arrays)

    @classmethod
    def load(cls, path: Path) -> Curves:
        """Read what `save` wrote.

        Raises:
            StoreError: the file is damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                quantities = {name: file[f"q_{name}"] for name in MEANINGS}
                return cls(file["steps"], quantities, file["diverged_at"], bool(file["in_span"]))
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise StoreError(f"{path}: is damaged ({error}); delete it and run again") from None
