"""How to cite bofcheck and the paper it checks: one set of data, several formats.

``CITATION.cff`` at the repository's root holds the text of `citation_file`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ._version import __version__


@dataclass(frozen=True)
class Work:
    """A work to cite.

    Attributes:
        key: BibTeX key.
        authors: given and family name of each; a group has only a family name.
        title: its title.
        year: of publication, empty if it is not out yet.
        short: its name in a sentence.
        url: where it is published, empty if not yet.
        version: of software, empty otherwise.
    """

    key: str
    authors: tuple[tuple[str, str], ...]
    title: str
    year: str
    short: str
    url: str = ""
    version: str = ""


TOOL = Work(
    key="bofcheck",
    authors=(("", "The bofcheck developers"),),
    title="bofcheck: theory against experiment for benign overfitting in transformers",
    year="",
    short=f"bofcheck {__version__}",
    version=__version__,
)
PAPER = Work(
    key="arxiv2502.12508",
    authors=(("Yingying", "Zhang"), ("Zhenyu", "Wu"), ("Jian", "Li"), ("Yong", "Liu")),
    title="Understanding Generalization in Transformers: Error Bounds and Training Dynamics Under "
    "Benign and Harmful Overfitting",
    year="2025",
    short="arXiv 2502.12508",
    url="https://arxiv.org/abs/2502.12508",
)


def bibtex(*, paper: bool = True) -> str:
    """The tool and the paper as BibTeX entries.

    Args:
        paper: whether the paper is one of them; where a theorem of yours was checked, it is not.

    >>> print(bibtex().splitlines()[0])
    @software{bofcheck,
    >>> PAPER.short in bibtex(), PAPER.short in bibtex(paper=False)
    (True, False)
    """
    return "\n\n".join((_entry("software", TOOL), *([_entry("misc", PAPER)] if paper else ())))


def apa() -> str:
    """Both works as lines of a reference list in the style of the APA.

    >>> apa().splitlines()[0].startswith("The bofcheck developers. (n.d.). bofcheck: theory")
    True
    """
    version = f" (Version {TOOL.version}) [Computer software]"
    tool = f"{_apa_names(TOOL)}. (n.d.). {TOOL.title}{version}."
    return f"{tool}\n{_apa_names(PAPER)} ({PAPER.year}). {PAPER.title}. {PAPER.url}"


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
        f'  - name: "{TOOL.authors[0][1]}"\n'
        "references:\n"
        "  - type: article\n"
        f'    title: "{PAPER.title}"\n'
        "    authors:\n"
        + "".join(
            f'      - family-names: "{family}"\n        given-names: "{given}"\n'
            for given, family in PAPER.authors
        )
        + f"    year: {PAPER.year}\n"
        f'    url: "{PAPER.url}"\n'
    )


def _bibtex_name(name: tuple[str, str]) -> str:
    given, family = name
    # in a second pair of braces a group is one name, not first and last
    return f"{family}, {given}" if given else f"{{{family}}}"


def _apa_names(work: Work) -> str:
    """Family names and initials.

    >>> _apa_names(PAPER)
    'Zhang, Y., Wu, Z., Li, J., & Liu, Y.'
    """
    names = [f"{family}, {given[0]}." if given else family for given, family in work.authors]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, & {names[-1]}"


def _entry(kind: str, work: Work) -> str:
    fields = {
        "author": " and ".join(map(_bibtex_name, work.authors)),
        "title": f"{{{work.title}}}",
        "year": work.year,
        "version": work.version,
        "url": work.url,
        "note": "" if work is TOOL else work.short,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@{kind}{{{work.key},", *lines, "}"))
