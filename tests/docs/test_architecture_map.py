"""The map in docs/architecture.md names the folders there are, and no others."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Parts that stand at the root, with the folder the map calls each.
PARTS = ("theory", "simulate", "compare", "src/bofcheck", "tests", "docs", "benchmarks")
#: Made by commands, not kept.
MADE = {"__pycache__", "_build", "_generated", "jupyter_execute"}


def mapped():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = text.split("```\n")[1]
    found, part = set(), ""
    for line in block.splitlines():
        name = line.split()[0].rstrip("/")
        part = part if line.startswith(" ") else name
        found.add(name if part == name else f"{part}/{name}")
    return found


def real():
    found = set()
    for part in PARTS:
        found.add(part)
        inner = [
            path for path in (ROOT / part).iterdir() if path.is_dir() and not path.is_symlink()
        ]
        shown = [path.name for path in inner if not path.name.startswith(".")]
        found |= {f"{part}/{name}" for name in shown if name not in MADE}
    return found | {"src/bofcheck/cli/commands"}


def test_the_map_matches_the_folders():
    assert mapped() == real()


def test_every_folder_of_the_map_holds_files():
    for name in mapped():
        assert any(path.is_file() for path in (ROOT / name).rglob("*")), name
