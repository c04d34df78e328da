"""Builds hold every file of the package, also from a checkout whose symbolic links are text files.

Git writes such a checkout where ``core.symlinks`` is false, as on Windows by default.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("theory", "simulate", "compare")
BUILD = [sys.executable, "-m", "build", "--no-isolation"]
PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
#: Imports the three parts and the command line, and prints what only a whole install can tell.
PROBE = """
import bofcheck.cli
from bofcheck import compare, simulate, theory
from importlib.resources import files
print(len(compare.all_claims()), len(simulate.engine_names()), len(theory.neighbours()))
print(files("bofcheck.compare.report.html").joinpath("style.css").is_file())
print(*(module.__file__ for module in (bofcheck, theory, simulate, compare)), sep="\\n")
"""


def run(command, folder, **variables):
    """Standard output of a command that must succeed, free of this process's import path."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    finished = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment | variables, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def expected():
    """Files of the package by their names in a wheel, read from the root folders."""
    suffixes = {".py", ".toml", ".jinja", ".css", ".js"}
    names = {
        f"bofcheck/{part}/{path.relative_to(ROOT / part).as_posix()}"
        for part in PARTS
        for path in (ROOT / part).rglob("*")
        if path.suffix in suffixes
    }
    front = ROOT / "src" / "bofcheck"
    names |= {f"bofcheck/{path.name}" for path in front.glob("*.py")} | {"bofcheck/py.typed"}
    return names | {path.relative_to(front.parent).as_posix()
                    for folder in ("cli", "templates")
                    for path in (front / folder).rglob("*") if path.suffix in suffixes}  # fmt: skip


@pytest.fixture(scope="module", params=["links", "text files"])
def checkout(request, tmp_path_factory):
    """The working tree's files as Git checks them out with and without symbolic links."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a Git checkout")
    folder = tmp_path_factory.mktemp("checkout")
    tree, objects = folder / "tree", folder / "objects"
    objects.mkdir()
    known = ROOT / run(["git", "rev-parse", "--git-path", "objects"], ROOT).strip()
    scratch = {
        "GIT_INDEX_FILE": str(folder / "index"),
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(known),
    }
    run(["git", "add", "--all"], ROOT, **scratch)
    symlinks = f"core.symlinks={str(request.param == 'links').lower()}"
    run(["git", "-c", symlinks, "checkout-index", "--all", f"--prefix={tree}/"], ROOT, **scratch)
    assert (tree / "src/bofcheck/theory").is_symlink() is (request.param == "links")
    return tree


@pytest.fixture(scope="module")
def built(checkout, tmp_path_factory):
    """Folder with the sdist and the wheel made from it."""
    folder = tmp_path_factory.mktemp("built")
    run([*BUILD, "--outdir", folder, "."], checkout)
    return folder


def test_the_wheel_holds_every_file_of_the_package(built, checkout, tmp_path):
    run([*BUILD, "--wheel", "--outdir", tmp_path, "."], checkout)
    for folder in (tmp_path, built):  # straight from the checkout, and by way of the sdist
        (wheel,) = folder.glob("*.whl")
        names = set(zipfile.ZipFile(wheel).namelist())
        assert {name for name in names if ".dist-info/" not in name} == expected()


def test_the_sdist_has_the_parts_at_its_root_and_no_copies(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    assert {f"{part}/__init__.py" for part in PARTS} | {"setup.py", "pyproject.toml"} <= names
    assert not [name for name in names if name.startswith(tuple(f"src/bofcheck/{part}"
                                                                for part in PARTS))]  # fmt: skip


def test_the_wheel_imports_from_where_it_is_installed(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    run([*PIP, "--target", tmp_path, wheel], tmp_path)
    claims, page, *modules = run(
        [sys.executable, "-c", PROBE], tmp_path, PYTHONPATH=str(tmp_path)
    ).splitlines()
    assert min(map(int, claims.split())) > 0
    assert page == "True"
    assert all(Path(module).is_relative_to(tmp_path) for module in modules)


def test_an_editable_install_imports_from_the_checkout(checkout, tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], tmp_path)
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    here = sysconfig.get_path("purelib")  # appended by hand: its own .pth files are not read
    (site / "dependencies.pth").write_text(f"import sys; sys.path.append({here!r})\n")
    pip = [sys.executable, "-m", "pip", "--python", python, *PIP[3:]]
    run([*pip, "--no-build-isolation", "--editable", checkout], tmp_path)
    *_, bofcheck, theory, _, _ = run([python, "-c", PROBE], tmp_path).splitlines()
    assert Path(bofcheck).is_relative_to(checkout)
    assert Path(theory).resolve() == checkout / "theory" / "__init__.py"
