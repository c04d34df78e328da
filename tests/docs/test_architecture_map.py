"""docs/architecture.md maps the folders there are, and draws the arrows import-linter keeps."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
MAP, *ARROWS = BLOCKS
#: The parts, with the folder the map calls each.
PARTS = (
    "theory", "simulate", "compare", "src/bofcheck", "examples", "tests", "docs", "tools",
    "benchmarks",
)  # fmt: skip
#: Made by commands, not kept or not written by hand.
MADE = {"__pycache__", "_build", "_generated", "jupyter_execute"}


def mapped():
    names, part = [], ""
    for line in MAP.splitlines():
        name = line.split()[0].rstrip("/")
        part = part if line.startswith(" ") else name
        names.append(name if part == name else f"{part}/{name}")
    return names


def inside(folder):
    """Folders below a folder, at any depth; links are not followed."""
    for path in folder.iterdir():
        made = path.name in MADE or path.name.startswith(".")
        if path.is_dir() and not path.is_symlink() and not made:
            yield path
            yield from inside(path)


def real():
    folders = [ROOT / part for part in PARTS]
    folders += [path for part in folders for path in inside(part)]
    return {path.relative_to(ROOT).as_posix() for path in folders}


def contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]


def floors(text):
    """Names on each floor of a drawing such as ``a > b | c``."""
    return [set(re.findall(r"\w+", floor)) for floor in text.split(">")]


def test_the_map_matches_the_folders():
    assert sorted(mapped()) == sorted(real())


def test_every_folder_of_the_map_holds_files():
    for name in mapped():
        assert any(path.is_file() for path in (ROOT / name).rglob("*")), name


def test_every_room_says_what_is_there():
    for line, name in zip(MAP.splitlines(), mapped(), strict=True):
        assert len(line.split()) > 1, name


def test_the_arrows_are_those_import_linter_keeps():
    kept = [" > ".join(layers).replace("bofcheck.", "") for layers in contracts()]
    assert [floors(drawn) for drawn in ARROWS] == [floors(text) for text in kept]
