"""Before anything imports numba: a kernel cache of its own for each state of the kernels' source.

Numba's cache looks at the file a kernel stands in only, so a test run after an edit elsewhere, or
on another branch, must not meet yesterday's machine code.
"""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).parent


def _source_key() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "simulate").rglob("*.py")):
        text = path.read_bytes()
        if b"numba" in text or b"njit" in text:
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + text)
    return digest.hexdigest()[:16]


os.environ["NUMBA_CACHE_DIR"] = str(ROOT / ".numba_cache" / _source_key())
