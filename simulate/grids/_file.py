"""A sweep from a TOML file.

::

    seeds = 20
    steps = 2000
    log = "geometric:64"        # optional

    [problem]                   # fields of a problem; what is left out keeps its default
    dim = 2e9

    [grid]                      # every combination of these values is a cell
    n_samples = [8, 16]
    noise_std = [1e-5, 2e-5]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import SimulationError, SweepError, shown
from ..fields import parse_toml
from ..model_problem import field_names, make_problem, whole_values
from ..sweep import Sweep
from ._grid import product_cells

_KEYS = ("seeds", "steps", "log", "problem", "grid")


def read_sweep(path: str | Path, *, seeds: int | None = None, steps: int | None = None) -> Sweep:
    r"""Read a sweep's file.

    Args:
        path: the TOML file.
        seeds: runs per cell instead of the file's.
        steps: gradient steps instead of the file's.

    Raises:
        SweepError: naming the file, if it cannot be read or is not a sweep.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "two.toml"
        ...     _ = path.write_text("seeds = 3\nsteps = 10\n[grid]\nn_samples = [4, 8]\n")
        ...     sweep = read_sweep(path)
        >>> sweep.name, list(sweep.problems), sweep.seeds
        ('two', ['n_samples=4', 'n_samples=8'], 3)
    """
    path = Path(path)
    document = _document(path)
    try:
        return _sweep(path.stem, document, seeds, steps)
    except SimulationError as error:
        raise SweepError(f"{path}: {error}") from None


def sweep_settings(path: str | Path) -> dict[str, Any]:
    r"""The settings that distinguish this file's cells, flat: ``problem.dim``, ``grid.n_samples``.

    Raises:
        SweepError: naming the file, if it cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "two.toml"
        ...     _ = path.write_text("[problem]\ndim = 2e9\n[grid]\nn_samples = [4, 8]\n")
        ...     sweep_settings(path)
        {'problem.dim': 2000000000, 'grid.n_samples': [4, 8]}
    """
    document = _document(Path(path))
    return {
        f"{table}.{key}": value
        for table in ("problem", "grid")
        for key, value in _whole(document, document.get(table, {})).items()
    }


def _document(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SweepError(f"{path}: cannot be read: {reason}") from None
    except ValueError as error:
        raise SweepError(f"{path}: not valid TOML: {error}") from None


def _sweep(name: str, document: dict[str, Any], seeds: int | None, steps: int | None) -> Sweep:
    unknown = sorted(set(document) - set(_KEYS))
    if unknown:
        raise SweepError(f"{unknown[0]}: unknown key; allowed: {', '.join(_KEYS)}")
    base, axes = document.get("problem", {}), document.get("grid", {})
    for key, table in (("problem", base), ("grid", axes)):
        if not isinstance(table, dict):
            raise SweepError(f"{key} = {shown(table)}: must be a table, [{key}]")
    if not axes:
        raise SweepError("[grid] is missing or empty; give it a list of values for some field")
    allowed = field_names(base)
    for key, values in axes.items():
        if key in ("model", "data"):
            raise SweepError(f"grid.{key}: a sweep has one {key}; give it under [problem]")
        if key not in allowed:
            raise SweepError(f"grid.{key}: not a field of a problem; allowed: {', '.join(allowed)}")
        if not isinstance(values, list):
            raise SweepError(f"grid.{key} = {shown(values)}: must be a list of values")
        if key in base:
            raise SweepError(f"{key}: is in [problem] and in [grid]; keep it in one of the two")
    # an override counts before the file's own value does
    chosen_seeds = _count(document, "seeds") if seeds is None else seeds
    chosen_steps = _count(document, "steps") if steps is None else steps
    log_at = document.get("log", "geometric:64")
    if not isinstance(log_at, str):
        raise SweepError(f'log = {shown(log_at)}: must be text such as "geometric:64"')
    columns = {
        key: [_whole(document, {key: value})[key] for value in values]
        for key, values in axes.items()
    }
    whole = _whole(document, base)
    cells = product_cells(columns, lambda **values: make_problem(**{**whole, **values}))
    return Sweep(name, cells, chosen_seeds, chosen_steps, log_at)


def _whole(document: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    """Whole floats of a table made integers where the sweep's problems have integers."""
    base = document.get("problem", {})
    return whole_values(table, base if isinstance(base, dict) else {})


def _count(document: dict[str, Any], key: str) -> int:
    value = document.get(key)
    if value is None:
        raise SweepError(f"{key} is missing; give it at the top of the file or as --{key}")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SweepError(f"{key} = {shown(value)}: must be a whole number from 1")
    return value
