"""`write`: write a verification into a results folder as report, page, figures and tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..._visible import visible_in_json
from ...simulate.store.atomic import write_atomically
from .entries import document
from .files import CLAIMS, REPORT, read
from .merge import merged_report
from .models import Report

if TYPE_CHECKING:
    from ..verify import Verification


@dataclass(frozen=True)
class Written:
    """The outcome of `write`.

    Attributes:
        report: the document.
        json: the file that holds it.
        page: the file that holds it as a web page.

    Example:
        >>> import tempfile
        >>> from bofcheck.compare import claims_plan, report, verify
        >>> verification = verify(claims_plan("quick", claims=("I5",)))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     written = report.write(verification, folder)
        >>> written.report.counts["HOLDS"], written.json.name, written.page.name
        (1, 'report.json', 'report.html')
    """

    report: Report
    json: Path
    page: Path


def write(
    verification: Verification,
    folder: str | Path,
    *,
    figures: Iterable[Any] = (),
    merge: bool = False,
) -> Written:
    """Draw a verification's figures and write report.json, report.html, figures/ and tables/.

    A figure that cannot be drawn is left out of the report, and standard error says why. Figures
    and tables that only the folder's earlier report lists are removed.

    Args:
        verification: the verification.
        folder: the results folder, created if it does not exist.
        figures: figures that are already in the folder and belong in the report, with the
            attributes or the keys of a `FigureEntry`.
        merge: keep the other claims, cells and figures of the folder's report instead of replacing
            the whole report.

    Raises:
        CompareError: the report to merge with cannot be read.
        OSError: a file cannot be written.

    Example:
        >>> import tempfile
        >>> from bofcheck.compare import report
        >>> from bofcheck.compare import verify
        >>> from bofcheck.compare.userdata import theorem_plan
        >>> from bofcheck.theory import neighbours
        >>> verification = verify(theorem_plan(neighbours()["magen2024"], seeds=2))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = report.write(verification, folder)
        ...     result.report == report.read(folder), sorted(p.name for p in Path(folder).iterdir())
        (True, ['figures', 'report.html', 'report.json', 'tables'])
    """
    # imports matplotlib and Jinja, which are needed only to write a report
    from ..figures import save_figures
    from .html import save_page

    place = Path(folder)
    file = place / REPORT
    old = read(file) if merge and file.exists() else None
    drawn = save_figures(verification, place)
    report = document(verification, (*drawn, *figures))
    stale: set[str] = set()
    if old is not None:
        report = merged_report(old, report)
    else:
        stale = _listed(file) - {name for figure in report.figures for name in figure.files}
    write_atomically(file, [report.text()])
    for name in stale:
        (place / name).unlink(missing_ok=True)
    return Written(report, file, save_page(report, place))


def write_claims(
    verification: Verification, folder: str | Path, *, figures: Iterable[Any] = ()
) -> Report:
    """Write each claim's decision into claims/ID.json, replacing an earlier one.

    Args:
        verification: the verification.
        folder: the results folder.
        figures: as for `write`; they only appear in the report that is returned.

    Returns:
        The report on these claims, which is not written.

    Raises:
        OSError: a file cannot be written.

    Example:
        >>> import tempfile
        >>> from bofcheck.compare import claims_plan, report, verify
        >>> verification = verify(claims_plan("quick", claims=("I5",)))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = report.write_claims(verification, folder)
        ...     [(claim["id"], claim["verdict"]) for claim in report.last_evidence(folder, "I5")]
        [('I5', 'HOLDS')]
    """
    report = document(verification, figures)
    parts = report.as_dict()
    by_claim: dict[str, list[Any]] = {}
    for entry in parts["claims"]:
        by_claim.setdefault(entry["id"], []).append(entry)
    place = Path(folder) / CLAIMS
    place.mkdir(parents=True, exist_ok=True)
    for name, group in by_claim.items():
        content = {"format": "bofcheck claim", "claims": group, "provenance": parts["provenance"]}
        text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
        write_atomically(place / f"{name}.json", [visible_in_json(text).encode()])
    return report


def tables(folder: str | Path) -> list[str]:
    """Names of the figures that can be redrawn from a results folder's tables.

    Args:
        folder: a results folder. Where its report is about a user-supplied theorem, only that
            report's figures count.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Path(folder, "tables").mkdir()
        ...     _ = Path(folder, "tables", "fig5.csv").write_text("panel,step")
        ...     tables(folder)
        ['fig5']
    """
    place = Path(folder)
    found = sorted(path.stem for path in (place / "tables").glob("*.csv") if path.is_file())
    try:
        settings = json.loads((place / REPORT).read_bytes())["provenance"]["settings"]
        everything = "theorem" not in settings
    except (OSError, ValueError, LookupError, TypeError):
        everything = True
    if everything:
        return found
    listed = _listed(place / REPORT)
    return [name for name in found if f"tables/{name}.csv" in listed]


def _listed(file: Path) -> set[str]:
    """The files in figures/ and tables/ that a report of any version lists."""
    try:
        figures = json.loads(file.read_bytes())["figures"]
        names = [str(name) for figure in figures for name in figure["files"]]
    except (OSError, ValueError, LookupError, TypeError):
        return set()
    paths = map(PurePosixPath, names)
    return {
        str(path)
        for path in paths
        if len(path.parts) == 2 and path.parts[0] in ("figures", "tables") and path.name != ".."
    }
