"""The GPU benchmark's span part on a simulated device; run as a script.

``NUMBA_ENABLE_CUDASIM=1 python simulated_gpu.py RESULTS.json``; ``simulated_cuda.py`` says why.
"""

import json
import sys

from bofcheck.simulate.engines.span import cuda_batch
from bofcheck.simulate.errors import EngineError
from card import steps


class Incompatible:
    """A kernel that cannot be compiled here."""

    def specialize(self, *arguments):
        """What numba-cuda does with a NumPy that it does not know."""
        raise AttributeError("module 'numpy' has no attribute 'row_stack'")


def main(path):
    """Time one tiny batch, then try a kernel that does not compile."""
    sys.setswitchinterval(1e-5)
    cuda_batch.MOST_THREADS = 4
    found = {"rows": steps.span_steps(counts=(2,), sizes=(2,), least=0.0)}
    cuda_batch.build_kernel = lambda *arguments: Incompatible()
    try:
        steps.span_batch(2, 1, "float64")
    except EngineError as error:
        found["error"] = str(error)
    with open(path, "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
