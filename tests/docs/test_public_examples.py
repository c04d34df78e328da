"""Every public function and class that the API page shows has an example."""

import importlib
import inspect
import re
from enum import Enum
from pathlib import Path

API = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
#: Packages whose ``__all__`` is public, whether or not the page shows them.
PACKAGES = (
    "bofcheck",
    "bofcheck.theory",
    "bofcheck.simulate",
    "bofcheck.simulate.executors",
    "bofcheck.simulate.engines",
    "bofcheck.simulate.exports",
    "bofcheck.simulate.grids",
    "bofcheck.simulate.store",
    "bofcheck.compare",
    "bofcheck.compare.papers.zhang2025.experiments",
    "bofcheck.compare.figures",
    "bofcheck.compare.userdata",
    "bofcheck.compare.report.html",
    "bofcheck.compare.papers.zhang2025.designs",
)


def shown():
    """Module -> names the page shows of it; None where it shows all members."""
    found = {}
    for block in re.findall(r"```\{eval-rst\}\n(.*?)```", API, re.DOTALL):
        module = re.search(r"^\.\. automodule:: (\S+)$", block, re.MULTILINE)[1]
        listed = re.search(r"^ +:members:(.*)$", block, re.MULTILINE)[1]
        found[module] = [name.strip() for name in listed.split(",") if name.strip()] or None
    return found


def own_names(module):
    """What autodoc takes for a module's members."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
    ]


def public():
    """(module, name) of everything public, each thing once."""
    pairs = [(module, None) for module in PACKAGES] + list(shown().items())
    found = {}
    for module_name, names in pairs:
        module = importlib.import_module(module_name)
        for name in names or own_names(module):
            thing = getattr(module, name)
            found.setdefault(id(thing), (module_name, name, thing))
    return list(found.values())


def needs_example(thing):
    if inspect.isclass(thing):
        protocol = getattr(thing, "_is_protocol", False)
        return not (issubclass(thing, BaseException) or protocol or inspect.isabstract(thing))
    return callable(thing) and inspect.isroutine(inspect.unwrap(thing))


def lacking(things):
    """One line for each thing that needs an example and has none of its own."""
    return [
        f"{module}.{name}: no example"
        for module, name, thing in things
        if needs_example(thing) and ">>> " not in (thing.__doc__ or "")
    ]


def test_everything_public_has_an_example():
    without = lacking(public())
    assert not without, "\n".join(without)


def test_the_page_and_the_packages_are_all_looked_at():
    assert len(shown()) >= 18
    assert len(public()) > 200
    looked_at = {name for _, name, thing in public() if needs_example(thing)}
    assert {"train", "Problem", "all_claims", "experiment_plan", "fit_powers"} <= looked_at
    assert {"Status", "Plan", "Part"} <= looked_at
    assert not looked_at & {"Formula", "Engine", "Store", "Executor", "CompareError", "Progress"}


def test_it_sees_what_lacks_one():
    def plain():
        """No example."""

    class Word(Enum):
        """No example either."""

        ONE = "one"

    class BrokenError(Exception):
        """Needs none."""

    things = [
        ("m", "plain", plain),
        ("m", "Word", Word),
        ("m", "BrokenError", BrokenError),
        ("m", "N", 3),
    ]
    assert lacking(things) == ["m.plain: no example", "m.Word: no example"]
