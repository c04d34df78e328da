"""`read_theorem`: a user-supplied theorem, from a TOML file or a Python file.

A TOML file is parsed and checked, never executed. A Python file is executed like any script; it
must define ``THEOREM``.
"""

import runpy
import sys
import tomllib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import TheoremFileError, TheoryError
from ..regime import complete
from ..theorem import Theorem

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

#: A theorem's file is written by hand; anything larger is something else.
MAX_BYTES = 200_000
#: How many faults of a file one message lists.
SHOWN_FAULTS = 3


@dataclass(frozen=True)
class TheoremSource:
    """A theorem with the numbers and problems of its file.

    Attributes:
        theorem: the theorem.
        problem: values of its symbols, for measured curves.
        training: problems to be trained to decide it, as the file lists them.
        path: the file; None if it was read from text.

    Example:
        >>> from bofcheck.theory import neighbours
        >>> source = neighbours()["kou2023"]
        >>> source.theorem.name, source.training["steps"], source.path.name
        ('kou2023', 1500, 'kou2023.toml')
    """

    theorem: Theorem
    problem: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None


def read_theorem(path: str | Path) -> Theorem:
    """The theorem a file defines.

    Args:
        path: a ``.toml`` file as documented in `theorem_schema`, or a ``.py`` file that defines
            ``THEOREM``.

    Raises:
        TheoremFileError: naming the file, the key or line, the fault and what is allowed.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... name = "decay"
    ... title = "Exponential decay"
    ... source = "an example"
    ... provenance = "DERIVED"
    ... constants = { C = "starting error", k = "rate" }
    ... [[stages]]
    ... name = "all of training"
    ... [[stages.bounds]]
    ... name = "D1"
    ... quantity = "test_error"
    ... floor = "p"
    ... excess = "C*exp(-k*eta*t)"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "decay.toml"
    ...     _ = path.write_text(text)
    ...     theorem = read_theorem(path)
    >>> theorem.bound("D1").numeric(p=0.1, C=0.4, k=2.0, eta=0.1, t=[0, 5, 10])
    array([0.5       , 0.24715178, 0.15413411])
    """
    return read_source(path).theorem


def read_source(path: str | Path) -> TheoremSource:
    """The theorem of a file, with the numbers and problems the file gives.

    Args:
        path: as for `read_theorem`.

    Raises:
        TheoremFileError: as `read_theorem` does.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> text = '''
        ... name = "decay"
        ... title = "Exponential decay"
        ... source = "an example"
        ... provenance = "DERIVED"
        ... problem = { p = 0.1, eta = 0.01 }
        ... [[stages]]
        ... name = "all of training"
        ... [[stages.bounds]]
        ... name = "D1"
        ... quantity = "test_error"
        ... floor = "p"
        ... excess = "exp(-eta*t)"
        ... '''
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "decay.toml"
        ...     _ = path.write_text(text)
        ...     source = read_source(path)
        >>> source.problem, round(source.theorem.bound("D1").numeric(t=100, **source.problem), 4)
        ({'p': 0.1, 'eta': 0.01}, 0.4679)
    """
    path = Path(path)
    readers = {".toml": _read_toml, ".py": _run_python}
    if path.suffix not in readers:
        raise TheoremFileError(f"{path}: a theorem's file ends with .toml or .py")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TheoremFileError(
                f"{path}: larger than {MAX_BYTES:,} bytes, the limit; shorten it"
            )
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise TheoremFileError(f"{path}: cannot be read: {reason}") from None
    return readers[path.suffix](path, text)


def _read_toml(path: Path, text: str) -> TheoremSource:
    try:
        return theorem_from_toml(text, path)
    except TheoryError as error:
        raise TheoremFileError(f"{path}: {error}") from None


def theorem_from_toml(text: str, path: Path | None = None) -> TheoremSource:
    """The theorem a TOML text defines.

    Raises:
        TheoremFileError: naming the key and what is wrong with it.
        TheoryError: a formula is inconsistent.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not TOML, or a number of endless digits
        raise TheoremFileError(f"not valid TOML: {_short(error)}") from None
    return theorem_from_document(document, path)


def theorem_from_document(document: Mapping[str, Any], path: Path | None = None) -> TheoremSource:
    """The theorem that the content of a TOML file defines.

    Raises:
        TheoremFileError: naming the key and what is wrong with it.
        TheoryError: a formula is inconsistent.
    """
    from pydantic import ValidationError

    from .build import build_theorem
    from .schema import TheoremFile

    try:
        parts = TheoremFile.model_validate(document)
    except ValidationError as error:
        raise TheoremFileError(_one_line(error)) from None
    except RecursionError:
        raise TheoremFileError("tables are nested too deeply") from None
    return TheoremSource(build_theorem(parts), parts.problem, parts.training, path)


def _one_line(error: "ValidationError") -> str:
    """The first faults in one line, with a count of the rest; unknown keys go first."""
    faults = error.errors(include_url=False, include_input=True)
    faults.sort(key=lambda fault: fault["type"] != "extra_forbidden")
    # a constant that is neither text nor number fails as both, and is listed once
    lines = list(dict.fromkeys(_fault(fault) for fault in faults if not _is_text_as_number(fault)))
    shown = lines[:SHOWN_FAULTS]
    more = len(lines) - len(shown)
    return "; ".join(shown) + (f" (and {more} more)" if more else "")


def _fault(fault: "ErrorDetails") -> str:
    loc = fault["loc"][:2] if _is_constant(fault) else fault["loc"]
    where = ".".join(ascii(x)[1:-1] if isinstance(x, str) else str(x + 1) for x in loc)
    message = str(fault["msg"])
    message = message[0].lower() + message[1:]
    if fault["type"] == "extra_forbidden":
        message = "unknown key; docs/own-theorem lists the known keys"
    elif fault["type"] == "missing":
        message = "this key is required"
    elif fault["type"] == "string_pattern_mismatch":
        message = f"{_short(ascii(fault['input']))} {_pattern(fault['ctx']['pattern'])}"
    elif _is_constant(fault) and not isinstance(fault["input"], str):
        message = "must be a finite number, or a text that leaves it open"
    return f"{where}: {message}"


def _is_constant(fault: "ErrorDetails") -> bool:
    """Whether a fault is about a value of [constants], which fails as text and as a number."""
    loc = fault["loc"]
    return len(loc) == 3 and loc[0] == "constants" and loc[2] != "[key]"


def _is_text_as_number(fault: "ErrorDetails") -> bool:
    return _is_constant(fault) and fault["loc"][2] == "float" and isinstance(fault["input"], str)


def _pattern(pattern: str) -> str:
    """Why a text does not fit a pattern of the schema."""
    from .schema import LABEL_PATTERN, LINE_PATTERN

    if pattern == LINE_PATTERN:
        return "holds a control character; write one line of plain text"
    if pattern == LABEL_PATTERN:
        return "is not a name: use letters, digits, _, . and -, at most 41"
    return "is not a name: use letters, digits and _, at most 31"


def _short(what: object) -> str:
    text = " ".join(str(what).split())
    return text if len(text) <= 200 else f"{text[:197]}..."


def _run_python(path: Path, text: str) -> TheoremSource:
    """Execute the user's file and take what it defines."""
    folder = str(path.resolve().parent)  # so that it can import its neighbours, as under `python`
    sys.path.insert(0, folder)
    try:
        space = runpy.run_path(str(path), run_name="bofcheck_theorem")
    except (Exception, SystemExit) as error:
        lines = [at.lineno for at in traceback.extract_tb(error.__traceback__)
                 if at.filename == str(path)]  # fmt: skip
        line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
        where = f"line {line}: " if line else ""
        raise TheoremFileError(f"{path}: {where}{type(error).__name__}: {_short(error)}") from None
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
    theorem = space.get("THEOREM")
    if not isinstance(theorem, Theorem):
        raise TheoremFileError(f"{path}: defines no THEOREM = Theorem(...)")
    if not theorem.statements:
        raise TheoremFileError(f"{path}: THEOREM states no bound and no time; give it stages")
    problem, training = space.get("PROBLEM", {}), space.get("TRAINING", {})
    for name, value in (("PROBLEM", problem), ("TRAINING", training)):
        if not isinstance(value, Mapping):
            raise TheoremFileError(f"{path}: {name} must be a dict, as the tables of a TOML file")
    return TheoremSource(complete(theorem), problem, training, path)
