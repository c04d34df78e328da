"""Runs commands of bofcheck in processes of their own, each forked from one that is warm.

A real process to kill, without two seconds of imports each. Started as a script it obeys lines of
JSON on standard input; `Forge` is the other end.
"""

import codecs
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

#: Longer than any command here may take, waits included.
LIMIT = 40.0


@dataclass
class Ended:
    """What became of a process."""

    code: int
    out: str
    err: str
    seconds: float


class Forge:
    """Starts processes; close it at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        self._began: dict[int, tuple[float, Path]] = {}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._read() == "ready"

    def start(self, *args: object, **circumstances: object) -> int:
        """Start ``bofcheck ARGS``; gives its process id.

        Circumstances: ``uid`` to run as, ``file_size`` no file may exceed, ``patience`` with
        another's lock, ``hold`` a folder's lock instead of running anything.
        """
        self._count += 1
        output = self.folder / f"output-{self._count}"
        # here, since it may be killed before it opens them
        for end in (".out", ".err"):
            output.with_suffix(end).touch()
        pid = int(self._ask(args=[str(arg) for arg in args], output=str(output), **circumstances))
        self._began[pid] = (time.monotonic(), output)
        return pid

    def wait(self, pid: int) -> Ended:
        """Wait for its end, but not for ever."""
        began, output = self._began.pop(pid)
        while not (status := self._ask(ended=pid)):
            if time.monotonic() - began > LIMIT:
                os.kill(pid, signal.SIGKILL)
                raise AssertionError(f"still running after {LIMIT:.0f} s")
            time.sleep(0.01)
        code = os.waitstatus_to_exitcode(int(status))
        out, err = (output.with_suffix(end).read_text() for end in (".out", ".err"))
        return Ended(code, out, err, time.monotonic() - began)

    def run(self, *args: object, **circumstances: object) -> Ended:
        """Start and wait."""
        return self.wait(self.start(*args, **circumstances))

    def kill(self, pid: int) -> Ended:
        """End it as the system does when memory is short."""
        os.kill(pid, signal.SIGKILL)
        return self.wait(pid)

    def close(self) -> None:
        """End the one that forks."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=10)

    def _ask(self, **what: object) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _serve(folder: Path) -> None:

    import numba

    from bofcheck.cli.entry import run

    # with one thread none is started here, and all that is loaded lazily is loaded
    numba.set_num_threads(1)
    codecs.lookup("cp437")  # of zip files: a user who may read nothing else cannot load it later
    warm = folder / "warm.toml"
    warm.write_text("seeds = 2\nsteps = 2\n[problem]\ndim = 10\n[grid]\nn_samples = [2, 3]\n")
    sys.stderr = (folder / "warm.err").open("w")
    assert run(["sweep", str(warm), "--out", str(folder / "warm")]) == 0
    print("ready", file=sys.__stdout__, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "ended" in asked:
            pid, status = os.waitpid(asked["ended"], os.WNOHANG)
            print(f"{status}" if pid else "", file=sys.__stdout__, flush=True)
            continue
        pid = os.fork()
        if not pid:
            code = 99
            try:
                code = _obey(asked)
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
            finally:
                os._exit(code)
        print(pid, file=sys.__stdout__, flush=True)


def _obey(asked: dict) -> int:
    import fcntl
    import multiprocessing

    from numba.np.ufunc import parallel

    from bofcheck.cli.entry import run
    from bofcheck.simulate.store import lock

    # a lock that forked processes share, and that a sibling may have been killed with
    parallel._backend_init_process_lock = multiprocessing.RLock()
    if "hold" in asked:
        descriptor = os.open(asked["hold"], os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        Path(asked["output"]).touch()
        time.sleep(2 * LIMIT)
    sys.stdout = Path(asked["output"] + ".out").open("w")  # noqa: SIM115  (for all that follows)
    sys.stderr = Path(asked["output"] + ".err").open("w")  # noqa: SIM115
    lock.PATIENCE = asked.get("patience", lock.PATIENCE)
    if "file_size" in asked:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["file_size"], asked["file_size"]))
    if "uid" in asked:
        os.setuid(asked["uid"])
    code = run(asked["args"])
    sys.stdout.close()
    sys.stderr.close()
    return code


if __name__ == "__main__":
    sys.stdout = sys.stderr
    _serve(Path(sys.argv[1]))
