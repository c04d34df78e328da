"""How bofcheck and the paper it checks are cited: the data once, and the forms made from it.

``CITATION.cff`` at the repository's root is `citation_file`, written out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ._version import __version__


@dataclass(frozen=True)
class Work:
    """Something to be cited.

    Attributes:
        key: BibTeX key.
        authors: one name for all.
        title: its title.
        year: of publication, empty if it is not out yet.
        short: how a sentence names it.
        url: where it is found, empty if nowhere yet.
        version: of software, empty otherwise.
    """

    key: str
    authors: str
    title: str
    year: str
    short: str
    url: str = ""
    version: str = ""


TOOL = Work(
    key="bofcheck",
    authors="The bofcheck developers",
    title="bofcheck: theory against experiment for benign overfitting in transformers",
    year="",
    short=f"bofcheck {__version__}",
    version=__version__,
)
PAPER = Work(
    key="arxiv2502.12508",
    authors="The authors of arXiv 2502.12508",
    title="Understanding Generalization in Transformers: Error Bounds and Training Dynamics Under "
    "Benign and Harmful Overfitting",
    year="2025",
    short="arXiv 2502.12508",
    url="https://arxiv.org/abs/2502.12508",
)


def bibtex() -> str:
    """Both works as BibTeX entries.

    >>> print(bibtex().splitlines()[0])
    @software{bofcheck,
    """
    return "\n\n".join((_entry("software", TOOL), _entry("misc", PAPER)))


def apa() -> str:
    """Both works as lines of a reference list in the style of the APA.

    >>> apa().splitlines()[0].startswith("The bofcheck developers. (n.d.). bofcheck: theory")
    True
    """
    version = f" (Version {TOOL.version}) [Computer software]"
    tool = f"{TOOL.authors}. (n.d.). {TOOL.title}{version}."
    return f"{tool}\n{PAPER.authors}. ({PAPER.year}). {PAPER.title}. {PAPER.url}"


def text() -> str:
    """One sentence for a methods section.

    >>> text().endswith("(arXiv 2502.12508).")
    True
    """
    tested = f"which tests the bounds of {PAPER.title} ({PAPER.short})"
    return f"Claims were checked with {TOOL.short}, {tested}."


FORMS: dict[str, Callable[[], str]] = {"bibtex": bibtex, "apa": apa, "text": text}
"""Every form by its name."""


def citation_file() -> str:
    """What ``CITATION.cff`` must hold."""
    message = "If bofcheck helped your work, please cite it, and the paper whose bounds it checks."
    return (
        "cff-version: 1.2.0\n"
        f'message: "{message}"\n'
        f'title: "{TOOL.title}"\n'
        "type: software\n"
        f"version: {TOOL.version}\n"
        "license: MIT\n"
        "authors:\n"
        f'  - name: "{TOOL.authors}"\n'
        "references:\n"
        "  - type: article\n"
        f'    title: "{PAPER.title}"\n'
        "    authors:\n"
        f'      - name: "{PAPER.authors}"\n'
        f"    year: {PAPER.year}\n"
        f'    url: "{PAPER.url}"\n'
    )


def _entry(kind: str, work: Work) -> str:
    fields = {
        "author": f"{{{work.authors}}}",  # a second pair of braces: one name, not first and last
        "title": f"{{{work.title}}}",
        "year": work.year,
        "version": work.version,
        "url": work.url,
        "note": "" if work is TOOL else work.short,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@{kind}{{{work.key},", *lines, "}"))
