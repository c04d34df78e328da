"""The theory page leaves out no formula, and its table is made from the objects."""

import sys
from pathlib import Path

import bofcheck.theory as theory
from bofcheck.theory import (
    LAWS,
    Condition,
    Identity,
    Law,
    formulas,
    neighbours,
    theorems,
)

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "theory.md").read_text(encoding="utf-8")


def table():
    sys.path.insert(0, str(DOCS))
    try:
        from formula_table import formula_table
    finally:
        sys.path.remove(str(DOCS))
    return formula_table()


def test_every_formula_of_every_theorem_is_in_the_table_with_its_tag():
    text = table()
    every = [*theorems().values(), *(source.theorem for source in neighbours().values())]
    for theorem in every:
        assert f"### {theorem.title}\n" in text
        rows = text.split(f"### {theorem.title}\n")[1].split("\n###")[0]
        for one in theorem.statements:
            (row,) = [line for line in rows.splitlines() if line.startswith(f"| {one.name} |")]
            assert f"`{one.provenance.tag(one.seen)}`" in row
    shared = text.split("\n### ")[0]
    for name in LAWS:
        assert f"| {name} |".replace("_", r"\_") in shared
    assert shared.count("Assumption 4.1, item") >= 11
    assert "`RECONSTRUCTED`" in shared


def test_no_row_breaks_its_table():
    for line in table().splitlines():
        if line.startswith("|"):
            assert line.replace(r"\|", "").count("|") == 5, line


def test_the_prose_names_every_bound_law_and_identity():
    for theorem in theorems().values():
        for bound in theorem.bounds:
            assert f"| {bound.name} |" in PAGE
    for name in theory.__all__:
        thing = getattr(theory, name)
        made = isinstance(thing, Law | Identity | Condition)
        if made or name.endswith(("_identity", "_identities")):
            assert f"`{name}" in PAGE, name


def test_every_formula_says_where_it_comes_from():
    for theorem in theorems().values():
        for group in formulas(theorem).values():
            for one in group:
                assert one.source
                assert one.provenance.meaning
