"""`read_model`: your own model, from one Python file that defines ``MODEL``.

The file is executed, like any Python file you run. Its model is compared with itself on real arrays
and its gradient with finite differences before it is trained, and is known by its name for as long
as the program runs.
"""

from __future__ import annotations

import hashlib
import runpy
import traceback
from pathlib import Path

from .data import get_law
from .errors import EngineError, ProblemError
from .models import Model, register_model


def read_model(path: str | Path) -> type[Model]:
    """Execute a file, check the model it defines, and make it known by its name.

    Args:
        path: a ``.py`` file that defines ``MODEL``, a subclass of `Model` with a ``name`` of its
            own; with all parameters left out it must be a model that can be trained.

    Raises:
        ProblemError: naming the file and what is wrong with it or its model.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> text = '''
        ... import numpy as np
        ... from bofcheck.simulate.models import Model
        ... class Squares(Model):
        ...     name, source = "squares", "an example"
        ...     def start_stds(self):
        ...         return np.full(2, 0.1)
        ...     def forward(self, tokens, extra):
        ...         return (tokens[..., 0] ** 2 - tokens[..., 1] ** 2).sum(dim=1)
        ... MODEL = Squares
        ... '''
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "squares.py"
        ...     _ = path.write_text(text)
        ...     read_model(path).__name__
        'Squares'
        >>> from bofcheck.simulate import make_problem
        >>> make_problem(model="squares", dim=10**9).fields()["model"]
        'squares'
    """
    from .reduced.check import check_model

    path = Path(path)
    try:
        space = runpy.run_path(str(path), run_name="bofcheck_model")
    except (Exception, SystemExit) as error:  # whatever the file raises is its own fault
        lines = [at.lineno for at in traceback.extract_tb(error.__traceback__)
                 if at.filename == str(path)]  # fmt: skip
        at = f" line {lines[-1]}:" if lines else ""
        why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise ProblemError(f"{path}:{at} {' '.join(str(why).split())[:200]}") from None
    model = space.get("MODEL")
    if not (isinstance(model, type) and issubclass(model, Model)):
        raise ProblemError(f"{path}: defines no MODEL = a subclass of bofcheck.simulate.Model")
    for name in ("name", "source"):
        if not isinstance(getattr(model, name, None), str):
            raise ProblemError(f'{path}: MODEL has no {name}; write {name} = "..." in the class')
    try:
        check_model(model(), get_law(model.default_data)())
    except EngineError as error:
        raise ProblemError(f"{path}: {error}") from None
    except Exception as error:  # whatever the model's own code raises
        why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise ProblemError(f"{path}: model {model.name}: cannot be trained: {why}") from None
    register_model(model)
    return model


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file, so that results of another version of a model are not mixed with it."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
