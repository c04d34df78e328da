"""Small random studies: a theorem, numbers and curves of several cells, and ways to write them."""

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

QUANTITIES = ("train_loss", "test_loss", "test_error")
DIVERGED = float("nan")

#: Bounds of stage 1, of the last stage, and laws; each is drawn or left out.
FIRST = (
    ("A1", "train_loss", "upper", "0", "C1*exp(-k1*h*t)"),
    ("A2", "test_loss", "lower", "0", "C2*exp(-k2*h*t)"),
    ("A3", "train_loss", "upper", "0", "3*exp(-h*t/2)"),
    ("A4", "test_error", "upper", "p", "1/2"),
    ("A5", "test_loss", "upper", "1/10", "C5/(1+h*t)"),
)
LAST = (
    ("Z1", "test_error", "upper", "p", "C7*exp(-k7*h*(t-T1))"),
    ("Z2", "train_loss", "upper", "0", "exp(-h*(t-T1))"),
    ("Z3", "test_loss", "upper", "0", "1/2+exp(-h*T1)"),
)
LAWS = ("c/h", "2/h", "c/h+e/h**2", "1/(4*h)")


class Point(NamedTuple):
    """One row of the wide form; None was not measured."""

    cell: str
    run: str
    step: float
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Study:
    """A theorem as TOML, numbers by cell, roles by cell if given, and the curves."""

    theorem: str
    numbers: dict[str, dict[str, float]]
    roles: dict[str, str]
    points: tuple[Point, ...]


def random_study(seed):
    """3 to 8 cells of 1 to 70 runs of 3 to 40 steps; runs end early, diverge and have gaps."""
    rng = np.random.default_rng(seed)
    cells = [f"c{n}" for n in range(rng.integers(3, 9))]
    runs = int(rng.choice([1, 4, 12, 12, 25, 25, 40, 70]))
    count = int(rng.integers(3, 41 if runs < 30 else 16))
    gap = float(rng.choice([0.5, 1, 7, 20, 250]))
    numbers = {c: {"h": float(rng.choice([1, 1, 2, 5])) / (gap * count), "p": 0.1} for c in cells}
    roles = {}
    if rng.random() < 0.5:
        roles = {c: "calibration" if n % 3 == 0 else "held out" for n, c in enumerate(cells)}
    faults = rng.random(4) * rng.choice([0, 0, 0, 0.05, 0.3], 4)
    digits = int(rng.choice([1, 3, 6, 17]))
    own_steps = rng.random() < 0.3
    points = []
    for cell in cells:
        here = 1 if rng.random() < 0.1 else runs
        for run in range(here):
            shift = float(rng.integers(0, 3)) * gap / 2 if own_steps else 0.0
            steps = shift + gap * np.arange(count)
            start, rate = rng.lognormal(0, 0.2), 3 * numbers[cell]["h"] * rng.lognormal(0, 0.1)
            loss = start * np.exp(-rate * steps)
            curves = np.stack([loss, loss + 0.1, 0.1 + 0.4 * np.minimum(1, loss)], axis=1)
            known = np.ones_like(curves, dtype=bool)
            if rng.random() < faults[0]:
                known[int(rng.integers(1, count)) :] = False
            if rng.random() < faults[1]:
                known &= rng.random(known.shape) < 0.8
            if rng.random() < faults[2]:
                known[:, int(rng.integers(0, 3))] = False
            if rng.random() < faults[3]:
                at = int(rng.integers(0, count))
                curves[at], known[at], known[at + 1 :] = DIVERGED, True, False
            for step, values, measured in zip(steps, curves, known, strict=True):
                fields = [
                    float(f"{value:.{digits}g}") if there else None
                    for value, there in zip(values.tolist(), measured, strict=True)
                ]
                points.append(Point(cell, str(run), float(step), tuple(fields)))
    return Study(_random_theorem(rng), numbers, roles, tuple(points))


def _random_theorem(rng):
    with_event = rng.random() < 0.6
    first = [bound for bound in FIRST if rng.random() < 0.4]
    last = [bound for bound in LAST if rng.random() < 0.5] if with_event else []
    law = str(rng.choice(LAWS)) if with_event and rng.random() < 0.7 else ""
    if not (first or last or law):
        first = [FIRST[0]]
    formulas = " ".join([bound[4] for bound in (*first, *last)] + [law])
    names = ("C1", "k1", "C2", "k2", "C5", "C7", "k7", "c", "e")
    constants = [name for name in names if name in formulas.replace("exp", "").replace("/h", " /h")]
    text = [
        'name = "drawn"', 'title = "Drawn"', 'source = "random"', 'provenance = "DERIVED"',
        'model = "none"', "[symbols]", 'h = "rate"', "[constants]",
        *(f'{name} = "open"' for name in constants),
    ]  # fmt: skip
    if with_event:
        text += ["[[events]]", 'name = "T1"', f'when = "train_loss <= {rng.choice([0.3, 0.9])}"']
    text += ["[[stages]]", 'name = "first"', *(['until = "T1"'] if with_event else [])]
    for bounds in (first, last):
        if bounds is last and with_event:
            text += ["[[stages]]", 'name = "last"']
        for name, quantity, kind, floor, excess in bounds:
            text += [
                "[[stages.bounds]]", f'name = "{name}"', f'quantity = "{quantity}"',
                f'kind = "{kind}"', f'floor = "{floor}"', f'excess = "{excess}"',
            ]  # fmt: skip
    if law:
        reading = rng.choice(["scaling", "deadline"])
        text += ["[[times]]", 'event = "T1"', f'law = "{law}"', f'reading = "{reading}"']
    return "\n".join(text) + "\n"


def numbers_file(path, study, *, backwards=False):
    """The problem's file."""
    lines = []
    for cell in sorted(study.numbers, reverse=backwards):
        lines.append(f"[cells.{cell}]")
        entries = [f"{name} = {value!r}" for name, value in study.numbers[cell].items()]
        entries += [f'role = "{study.roles[cell]}"'] if study.roles else []
        lines += entries[::-1] if backwards else entries
    Path(path).write_text("\n".join(lines) + "\n")
    return Path(path)


def wide_file(path, study, *, columns=("cell", "run", "step", *QUANTITIES), number=repr, extra=()):
    """A row for each step; `extra` columns hold the row's number."""
    header = [*columns, *extra]
    with Path(path).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        for at, point in enumerate(study.points):
            fields = {"cell": point.cell, "run": point.run, "step": number(point.step)}
            for name, value in zip(QUANTITIES, point.values, strict=True):
                fields[name] = "" if value is None else number(value)
            table.writerow([fields.get(name, str(at)) for name in header])
    return Path(path)


def long_file(path, study, *, number=repr):
    """A row for each number, also of those not measured, quantity by quantity."""
    with Path(path).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["cell", "run", "step", "quantity", "value"])
        for rank, name in enumerate(QUANTITIES):
            for point in study.points:
                value = point.values[rank]
                field = "" if value is None else number(value)
                table.writerow([point.cell, point.run, number(point.step), name, field])
    return Path(path)


def netcdf_file(path, study):
    """All cells in one table, padded, with when runs diverged."""
    cells = sorted(study.numbers)
    runs = sorted({point.run for point in study.points}, key=int)
    steps = sorted({point.step for point in study.points})
    shape = (len(cells), len(runs), len(steps))
    data = {name: np.full(shape, np.nan) for name in QUANTITIES}
    ended = np.full(shape[:2], -1.0)
    numbered = [{x: n for n, x in enumerate(names)} for names in (cells, runs, steps)]
    for point in study.points:
        place = tuple(
            numbers[x]
            for numbers, x in zip(numbered, (point.cell, point.run, point.step), strict=True)
        )
        for name, value in zip(QUANTITIES, point.values, strict=True):
            if value is not None:
                data[name][place] = value
                if np.isnan(value):
                    ended[place[:2]] = point.step
    dims = ("cell", "run", "step")
    variables = {name: (dims, values) for name, values in data.items()}
    xr.Dataset(
        {**variables, "diverged_at": (dims[:2], ended)},
        {"cell": cells, "run": runs, "step": steps},
    ).to_netcdf(path, engine="h5netcdf")
    return Path(path)


def shuffled(study, rng):
    """The rows in any order."""
    order = rng.permutation(len(study.points))
    return replace(study, points=tuple(study.points[at] for at in order))


def ordered(study, key):
    """The rows sorted."""
    return replace(study, points=tuple(sorted(study.points, key=key)))


def renamed(study):
    """The runs under other names, which come in another order."""

    def name(run):
        return f"r-{blake2b(str(run).encode(), digest_size=4).hexdigest()}"

    return replace(study, points=tuple(p._replace(run=name(p.run)) for p in study.points))


def has_run_without_number(study):
    """Whether a run of some cell has no finite number, which netCDF takes for padding."""
    numbers = defaultdict(int)
    for point in study.points:
        numbers[point.cell, point.run] += sum(
            value is not None and np.isfinite(value) for value in point.values
        )
    return not all(numbers.values())


def spelt(rng):
    """A number in any of the ways in which it is commonly written, the same number each time."""

    def text(value):
        if np.isnan(value):
            return str(rng.choice(["nan", "NaN", "NAN"]))
        ways = [repr(value), f"{value:.17g}", f"{value:.16e}", f"{value!r} ", f"+{value!r}"]
        if value == int(value):
            ways += [str(int(value)), f"{int(value)}.", f"{int(value)}e0", f"{int(value)}.00"]
        elif "e" not in repr(value):
            ways += [
                f"{value!r}00",
                repr(value).replace("0.", ".", 1) if value < 1 else repr(value),
            ]
        return str(rng.choice(ways))

    return text
