"""Real data: patches of photographs, handwritten digits, and your own arrays.

A sample's signal is its class's mean and its noise the residual; both are scaled so that their
lengths are the problem's, with SNR and flips as dials. Means are taken from the whole data set,
less the mean of both, so that the two signals are opposite.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.cbook import get_sample_data
from numpy.typing import NDArray

from ...errors import SimulationError
from ...problem import Problem
from ...randomness import Stream, generator
from ..axis import Axis, Departure
from ..label_noise import LabelNoise
from ..samples import SampleLaw, Samples, ranks
from ..setting import Setting

Array = NDArray[np.float64]

#: Environment variable that names your own data set.
FILE = "BOFCHECK_TRANSFER_DATA"
#: Width of the head scan that comes with matplotlib, in pixels.
_SCAN = 256


@dataclass(frozen=True)
class DataSet:
    """Rows of two classes.

    Attributes:
        rows: (n, d) features.
        labels: (n,) ±1.
    """

    rows: Array
    labels: Array

    @property
    def snr(self) -> float:
        """‖signal‖ over the root mean square length of a residual.

        >>> DataSet(np.array([[3.0], [1.0], [-1.0], [-3.0]]), np.array([1, 1, -1, -1])).snr
        2.0
        """
        signals, residuals = self.parts()
        length = np.sqrt((signals**2).sum(axis=1).mean())
        return float(length / np.sqrt((residuals**2).sum(axis=1).mean()))

    def parts(self) -> tuple[Array, Array]:
        """(2, d) signals of +1 and -1, less their mean, and (n, d) residuals."""
        means = np.stack([self.rows[self.labels == sign].mean(axis=0) for sign in (1, -1)])
        residuals = self.rows - np.where((self.labels > 0)[:, None], means[0], means[1])
        return means - means.mean(axis=0), residuals


@dataclass(frozen=True)
class RealSamples(SampleLaw):
    """Samples of a data set: class mean and residual as the two tokens.

    Attributes:
        source: ``"patches:8"``, ``"digits:3,8"`` or a path to an ``.npz``.
        digest: checksum of the data set.
    """

    source: str = "patches:8"
    digest: str = ""

    def draw(self, problem: Problem, run: int, labels: LabelNoise) -> Samples:
        """Training and test samples without a row in common, redrawn for each run."""
        data = load_data(self.source)
        signals, residuals = data.parts()
        signals = problem.signal_norm * signals / np.linalg.norm(signals, axis=1)[:, None]
        size = problem.noise_std * np.sqrt(problem.dim)
        residuals = residuals * size / np.sqrt((residuals**2).sum(axis=1).mean())
        order = generator(problem, run, Stream.DATA_SET).permutation(len(residuals))
        train, test = order[: problem.n_samples], order[problem.n_samples :][: problem.test_tokens]
        true, test_true = data.labels[train], data.labels[test]
        noise, fresh = residuals[train][:, None], residuals[test][:, None]
        rank = ranks(noise, noise)
        chances = labels.chances(problem.flip_prob, true, rank)
        flipped = generator(problem, run, Stream.LABELS).random(len(train)) < chances
        tokens, is_signal = self._beside(signals, true, noise)
        return Samples(
            tokens=tokens, true=true, observed=np.where(flipped, -true, true),
            is_signal=is_signal, test_tokens=self._beside(signals, test_true, fresh)[0],
            test_true=test_true, test_weight=np.full(len(test), 1 / len(test)),
            test_flip=labels.chances(problem.flip_prob, test_true, ranks(fresh, noise)),
            chances=chances, signals=signals, signs=np.array([1.0, -1.0]),
        )  # fmt: skip

    def _beside(self, signals: Array, true: Array, noise: Array) -> tuple[Array, NDArray[np.bool_]]:
        rows = np.where(true > 0, 0, 1)
        both = np.concatenate([signals[rows][:, None], noise], axis=1)
        return both, np.broadcast_to(np.array([True, False]), both.shape[:2]).copy()


@cache
def load_data(source: str) -> DataSet:
    """A data set by its name.

    Raises:
        SimulationError: in one line, if it cannot be had here.

    Example:
        >>> load_data("patches:16").rows.shape
        (512, 256)
    """
    kind, _, detail = source.partition(":")
    if kind == "patches":
        return _patches(int(detail))
    if kind == "digits":
        return _digits(*(int(digit) for digit in detail.split(",")))
    return _arrays(Path(source))


def _patches(width: int) -> DataSet:
    """Square patches of matplotlib's two sample pictures: a portrait (+1) and a head scan (-1)."""
    import matplotlib.image

    shown = str(get_sample_data("grace_hopper.jpg", asfileobj=False))
    portrait = matplotlib.image.imread(shown).mean(axis=2)
    with gzip.open(str(get_sample_data("s1045.ima.gz", asfileobj=False))) as file:
        scan = np.frombuffer(file.read(), np.uint16).reshape(_SCAN, _SCAN).astype(float)
    parts = [_cut(picture, width) for picture in (portrait, scan)]
    count = min(len(part) for part in parts)
    even = [part[np.linspace(0, len(part) - 1, count).astype(int)] for part in parts]
    rows = np.concatenate([part / part.std() for part in even])
    return DataSet(rows, np.repeat([1.0, -1.0], count))


def _cut(picture: Array, width: int) -> Array:
    """(n, width²) patches side by side."""
    high, wide = (size // width for size in picture.shape)
    cut = picture[: high * width, : wide * width].reshape(high, width, wide, width)
    return cut.transpose(0, 2, 1, 3).reshape(-1, width * width)


def _digits(first: int, second: int) -> DataSet:
    from sklearn.datasets import load_digits

    rows, kinds = load_digits(return_X_y=True)
    kept = (kinds == first) | (kinds == second)
    return DataSet(rows[kept], np.where(kinds[kept] == first, 1.0, -1.0))


def _arrays(path: Path) -> DataSet:
    try:
        with np.load(path, allow_pickle=False) as file:
            rows, labels = file["tokens"], file["labels"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise SimulationError(
            f"{path}: cannot be read as data ({error}); give an .npz with tokens (n, d) and labels "
            "(n,) of two values, as np.savez(path, tokens=x, labels=y) writes it"
        ) from None
    kinds = np.unique(labels)
    if rows.ndim != 2 or labels.shape != rows.shape[:1] or len(kinds) != 2:
        raise SimulationError(
            f"{path}: tokens have shape {rows.shape} and labels {labels.shape} with {len(kinds)} "
            "values; give (n, d) and (n,) with two values"
        )
    signs = np.where(labels == kinds[1], 1.0, -1.0)
    if not np.isfinite(rows).all() or min((signs > 0).sum(), (signs < 0).sum()) < 40:
        raise SimulationError(
            f"{path}: tokens must be finite numbers, with at least 40 rows of each label"
        )
    return DataSet(np.asarray(rows, dtype=np.float64), signs)


def _real(kind: str, source: str, dose: float, label: str, full: bool = False) -> Departure:
    """Its dimension is the data's; noise keeps its length, so that SNR is the base's."""

    def change(base: Setting) -> Setting:
        data = load_data(source)
        dim = data.rows.shape[1]
        digest = hashlib.sha256(data.rows.tobytes() + data.labels.tobytes()).hexdigest()[:16]
        return base.replace(
            samples=RealSamples(source=source, digest=digest), dim=dim,
            noise_std=base.problem.noise_std * (base.problem.dim / dim) ** 0.5,
        )  # fmt: skip

    return Departure(kind, dose, label, change, full)


#: Two digits, and whether only preset full tells them apart.
_PAIRS = ((0, 1, False), (3, 8, False), (1, 7, True), (4, 9, True))


def _more() -> tuple[Departure, ...]:
    """Digits where scikit-learn is installed, and your own data where it is named."""
    found: list[Departure] = []
    if not _note():
        found += [
            _real("handwritten digits", f"digits:{a},{b}", rank + 1, f"{a} against {b}", full)
            for rank, (a, b, full) in enumerate(_PAIRS)
        ]
    if path := os.environ.get(FILE):
        source = str(Path(path).resolve())
        load_data(source)
        found.append(_real("your data", source, 1, Path(path).name))
    return tuple(found)


def _note() -> str:
    if importlib.util.find_spec("sklearn") is not None:
        return ""
    return "digits are left out: scikit-learn is not installed; pip install 'bofcheck[data]'"


AXIS = Axis(
    title="real data",
    about="a class's mean is its signal and the residual its noise, scaled to the cell's SNR",
    departures=tuple(
        _real("picture patches", f"patches:{width}", width, f"{width} × {width} pixels",
              full=width in (4, 12))
        for width in (4, 8, 12, 16)
    ),
    more=_more,
    note=_note,
)  # fmt: skip
