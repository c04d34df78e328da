"""The process around a command: what would end it with a traceback is settled or refused first."""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from pathlib import Path

import click

from .codes import EnvironmentFault

#: Largest number of threads; Numba and OpenMP start them all.
MOST_THREADS = 1024
#: Largest stack of a thread, in bytes.
MOST_STACK = 2**30
#: Numba's settings in the working folder, read like its variables.
_SETTINGS = ".numba_config.yaml"
#: Variables of Numba that need no look at Numba itself.
_KNOWN = {"NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR"}
#: A size that OpenMP reads, and its units in bytes; without a unit it is in K.
_SIZE = re.compile(r"\s*(\d+)\s*([BKMG]?)\s*", re.IGNORECASE)
_UNITS = {"B": 1, "K": 2**10, "M": 2**20, "G": 2**30}
#: Features of a processor that LLVM can read; it ends the process at any others.
_FEATURES = re.compile(r"([+-][^,+-][^,]*(,(?=.)|$))*")
#: Numba's warning about a value it cannot read.
_UNREAD = re.compile(r"Environment variable '(\w+)' is defined but")


def settle_process() -> None:
    """Make this process independent of settings that are meant for others.

    Call it in a process that bofcheck has to itself, before anything heavy is imported.

    * A closed standard stream becomes one that leads nowhere; otherwise the next file opened would
      take its place.
    * Warnings are shown to developers, and must not become errors (``PYTHONWARNINGS=error``).
    * Figures are drawn into files, whatever window or notebook ``MPLBACKEND`` names.
    """
    for rank, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != rank:
                os.dup2(descriptor, rank)
                os.close(descriptor)
            setattr(sys, name, open(rank, "r" if rank == 0 else "w", encoding="utf-8"))  # noqa: SIM115
    warnings.simplefilter("ignore")
    sys.warnoptions.clear()  # processes started from here would get them
    os.environ.pop("PYTHONWARNINGS", None)
    os.environ["MPLBACKEND"] = "agg"
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells where it keeps fonts


def check_interpreter() -> None:
    """Refuse an interpreter that drops docstrings, in which rules and help texts are written.

    Raises:
        click.ClickException: saying how to start it.
    """
    if sys.flags.optimize >= 2:
        raise click.ClickException(
            "PYTHONOPTIMIZE=2 (python -OO) drops the texts of rules and help; unset it, or use 1"
        )


def check_environment() -> None:
    """Refuse a working folder that is gone, and settings under which another library fails.

    Raises:
        EnvironmentFault: there is no working folder.
        click.ClickException: naming the variable, its value and what is allowed.
    """
    try:
        os.getcwd()
    except OSError as error:
        raise EnvironmentFault(
            f"the working folder cannot be used: {error.strerror}; change to another folder"
        ) from None
    _check_threads()
    _check_numba()


def _check_threads() -> None:
    numba = os.environ.get("NUMBA_NUM_THREADS")
    if numba is not None and not _is_count(numba):
        raise click.ClickException(
            f"NUMBA_NUM_THREADS={numba!r}: must be a whole number from 1 to {MOST_THREADS}; "
            "change the environment variable, or unset it to use every core"
        )
    openmp = os.environ.get("OMP_NUM_THREADS", "")
    # text that OpenMP cannot read it ignores; threads that it cannot start end the process
    if any(part.strip().isdecimal() and not _is_count(part) for part in openmp.split(",")):
        raise click.ClickException(
            f"OMP_NUM_THREADS={openmp!r}: must be a whole number from 1 to {MOST_THREADS}; change "
            "the environment variable, or unset it"
        )
    for name in ("OMP_STACKSIZE", "GOMP_STACKSIZE"):
        size = _SIZE.fullmatch(os.environ.get(name, ""))
        if size and int(size[1]) * _UNITS[size[2].upper() or "K"] > MOST_STACK:
            raise click.ClickException(
                f"{name}={os.environ[name]!r}: is more than 1 GB a thread; change the environment "
                "variable, or unset it"
            )


def _is_count(text: str) -> bool:
    try:
        return 1 <= int(text) <= MOST_THREADS
    except ValueError:
        return False


def _check_numba() -> None:
    """Refuse settings that Numba cannot read, and the one that leaves kernels uncompiled."""
    given = {name for name in os.environ if name.startswith("NUMBA_")} - _KNOWN
    if not given and not Path(_SETTINGS).is_file():
        return
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        from numba.core import config

        config.reload_config()
    for complaint in complaints:
        unread = _UNREAD.match(str(complaint.message))
        if unread:
            name = unread[1]
            value = os.environ.get(name)
            shown = f"{name}={value!r}" if value is not None else f"{name} in {_SETTINGS}"
            raise click.ClickException(
                f"{shown}: Numba cannot read this value; change the setting, or remove it"
            )
    if not _FEATURES.fullmatch(config.CPU_FEATURES or ""):
        raise click.ClickException(
            f"NUMBA_CPU_FEATURES={config.CPU_FEATURES!r}: must be features such as +avx2,-fma; "
            "change the setting, or remove it"
        )
    if config.DISABLE_JIT:
        where = "" if "NUMBA_DISABLE_JIT" in os.environ else f" ({_SETTINGS})"
        raise click.ClickException(
            f"NUMBA_DISABLE_JIT{where}: training needs compiled kernels; unset it, or set it to 0"
        )
