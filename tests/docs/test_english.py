"""House rules of English: phrases that read as translated, and what to write instead."""

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("theory", "simulate", "compare", "src", "tools", "benchmarks", "docs")
#: Phrase -> what to write instead.
RULES = {
    r"(?<!here )\bis no\b(?! (?:longer|more|less|better|worse)\b)": "is not a",
    r"\banew\b": "again; rebuild, rerun, redraw",
    r"\bone's own\b": "your, user-supplied",
    r"\bmend(?:s|ed|ing)?\b": "fix, repair",
    r"\b[Ww]hat came of\b": "the outcome of, as a noun phrase",
    r"\bst(?:ands?|ood)\b(?![- ](?:for|in|out|by)\b)": "is, appears",
    r"\bis none\b": "there is none; is not one",
    r"\bthose (?:there are|that there are)\b": "name the thing",
    r"\bthe ones\b": "name the thing",
    r"\bhanded? out\b|\bhir(?:e|es|ed|ing)\b|\bcrews?\b": "executor, workers",
}


def texts(path):
    """(line, text) of prose: whole lines of Markdown, comments and strings of Python."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield from enumerate(source.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING):
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, line


def breaches(path):
    for line, text in texts(path):
        for phrase, instead in RULES.items():
            if found := re.search(phrase, text):
                yield f"{path.relative_to(ROOT)}:{line}: {found[0]!r}: write {instead}"


def files():
    yield ROOT / "README.md"
    yield ROOT / "CHANGELOG.md"
    for part in PARTS:
        for suffix in ("py", "md"):
            for path in sorted((ROOT / part).rglob(f"*.{suffix}")):
                made = {"_build", "_generated", "jupyter_execute"} & set(path.parts)
                if not made and not any(one.is_symlink() for one in path.parents):
                    yield path


def test_texts_keep_the_house_rules():
    found = [breach for path in files() for breach in breaches(path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text", ["# it is no number", '"""What came of it."""', '"drawn anew"', "# where it stands"]
)
def test_a_breach_is_found(text, tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / "one.py"
    path.write_text(text + "\n")
    assert len(list(breaches(path))) == 1
