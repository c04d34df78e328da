"""A batch of runs on a CUDA device: what to keep on chip, the launch, and the copy back.

The device holds what changes in a step; snapshots are formed on the CPU from a copy of it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import cuda
from numba.cuda.cudadrv import driver
from numpy.typing import NDArray

from ...errors import EngineError
from .cuda_kernel import ROWS, build_kernel, numbers_of_a_run

#: Dynamic shared memory every card gives a block by default, in bytes.
COMMON_CHIP = 48 * 1024
#: Threads of a block at most: all that the kernel's registers leave room for.
MOST_THREADS = 512
_WARP = 32
_CHANGING = ("qk", "values", "output", "a_qk", "a_v")


@dataclass(frozen=True)
class Placement:
    """Where a run's numbers are kept while it trains.

    Attributes:
        on_chip: the state is in a block's shared memory; in global memory otherwise.
        sums_on_chip: so are the running sums A_Q, A_K, A_V.
        chip_bytes: dynamic shared memory of a block.
        work_bytes: global memory a run works in, where its state is not on chip.
        threads: threads of a block.
    """

    on_chip: bool
    sums_on_chip: bool
    chip_bytes: int
    work_bytes: int
    threads: int


def place(n_samples: int, r: int, n_values: int, itemsize: int, chip: int) -> Placement:
    """The placement that keeps as much of a run on chip as fits.

    Args:
        n_samples: training samples N.
        r: width of the reduced queries and keys.
        n_values: width of the reduced values.
        itemsize: bytes of a number, 8 or 4.
        chip: bytes of shared memory a block may have.

    Example:
        >>> place(20, 44, 1, 8, 48 * 1024)  # doctest: +NORMALIZE_WHITESPACE
        Placement(on_chip=True, sums_on_chip=False, chip_bytes=38752, work_bytes=0, threads=160)
        >>> place(20, 44, 1, 8, 227 * 1024).sums_on_chip, place(60, 124, 1, 8, 227 * 1024).on_chip
        (True, False)
    """
    state, sums = (count * itemsize for count in numbers_of_a_run(n_samples, r, n_values))
    # two items a thread in the phase with the largest cost
    items = -(-(n_samples + 2) // ROWS) * r
    threads = min(max(-(-items // (2 * _WARP)) * _WARP, 2 * _WARP), MOST_THREADS)
    if state + sums <= chip:
        return Placement(True, True, state + sums, 0, threads)
    if state <= chip:
        return Placement(True, False, state, 0, threads)
    return Placement(False, False, 0, state, threads)


class CudaBatch:
    """Runs under way on the device, one block each.

    Args:
        gram: (R, n, n) inner products of the tokens; its dtype, float64 or float32, is that of
            everything on the device.
        row: (R, N) signal row of each sample.
        label: (R, N) observed labels, ±1.
        state: ``qk`` (R, n, 2r), ``values`` (R, n, r_v), ``output`` (R, r_v), ``a_qk``, ``a_v``.
        rates: (3,) step sizes of W_Q and W_K, of W_V and of w_O.
        trained: whether w_O is trained.
        target: training loss at which a run stops before its next step; 0 for none.

    Raises:
        EngineError: if no CUDA device and toolkit is found, or its memory is too small.

    Attributes:
        placement: where the runs' numbers are.
    """

    def __init__(
        self,
        gram: NDArray[Any],
        row: NDArray[np.int64],
        label: NDArray[np.float64],
        state: dict[str, NDArray[Any]],
        rates: NDArray[np.float64],
        trained: bool,
        target: float,
    ) -> None:
        check_device()
        runs, n_samples = row.shape
        r, n_values = state["qk"].shape[2] // 2, state["output"].shape[1]
        dtype = gram.dtype
        self.placement = place(n_samples, r, n_values, dtype.itemsize, _chip_bytes())
        self._shapes = {name: state[name].shape[1:] for name in _CHANGING}
        self._trained, self._target = trained, float(target)
        self._kept = np.arange(runs)

        def flat(array: NDArray[Any]) -> NDArray[Any]:
            return np.ascontiguousarray(array.reshape(runs, -1), dtype=dtype)

        host = {name: flat(array) for name, array in {"gram": gram, **state}.items()}
        host["label"] = flat(label)
        needed = sum(array.nbytes for array in host.values()) + runs * self.placement.work_bytes
        _check_memory(runs, needed, cuda.current_context().get_memory_info().free)
        self._device = {name: cuda.to_device(array) for name, array in host.items()}
        self._device["row"] = cuda.to_device(np.ascontiguousarray(row, dtype=np.int64))
        self._device["rates"] = cuda.to_device(rates.astype(dtype))
        self._device["kept"] = cuda.to_device(self._kept)
        for stop in ("diverged", "reached"):
            self._device[stop] = cuda.to_device(np.full(runs, -1, dtype=np.int64))
        width = self.placement.work_bytes // dtype.itemsize
        self._device["work"] = cuda.device_array((runs, width) if width else (1, 1), dtype=dtype)
        kernel = build_kernel(dtype.name, self.placement.on_chip, self.placement.sums_on_chip)
        try:
            self._kernel = kernel.specialize(*self._arguments(0, 0))
        except Exception as error:  # numba-cuda with a NumPy, driver or card that it does not know
            raise EngineError(
                f"engine span: numba cannot compile for this CUDA device with NumPy "
                f"{np.__version__} ({error}); numba-cuda 0.30 needs NumPy below 2.5; use "
                'device "cpu" meanwhile'
            ) from error
        if self.placement.chip_bytes > COMMON_CHIP:
            _allow_chip(self._kernel, self.placement.chip_bytes)

    def advance(self, first: int, steps: int) -> None:
        """Take gradient steps with every run kept that has neither diverged nor stopped.

        Args:
            first: number of steps taken so far.
            steps: steps to take.
        """
        with warnings.catch_warnings():
            # a warning that few runs leave a large part of a card idle; colour may come before it
            warnings.filterwarnings("ignore", message=".*Grid size")
            launch = self._kernel[
                len(self._kept), self.placement.threads, 0, self.placement.chip_bytes
            ]
            launch(*self._arguments(first, steps))
        cuda.synchronize()

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Keep only the marked runs; memory is given back with the whole batch."""
        self._kept = self._kept[which]
        self._device["kept"] = cuda.to_device(self._kept)

    def state(self) -> dict[str, NDArray[Any]]:
        """The present state of the runs kept, shaped as it came."""
        return {name: self._host(name).reshape(-1, *shape) for name, shape in self._shapes.items()}

    def diverged(self) -> NDArray[np.int64]:
        """Step at which the output of each run kept stopped being finite, -1 if it has not."""
        return self._host("diverged")

    def reached(self) -> NDArray[np.int64]:
        """Step at which each run kept stopped at the target, -1 if it has not."""
        return self._host("reached")

    def _host(self, name: str) -> NDArray[Any]:
        """The kept runs' part of a device array."""
        return np.asarray(self._device[name].copy_to_host())[self._kept]

    def _arguments(self, first: int, steps: int) -> tuple[object, ...]:
        device = self._device
        return (
            device["kept"], device["gram"], device["row"], device["label"],
            *(device[name] for name in _CHANGING), device["rates"], self._trained, self._target,
            first, steps, device["diverged"], device["reached"], device["work"],
        )  # fmt: skip


def check_device() -> None:
    """Check that there is a CUDA device and toolkit.

    Raises:
        EngineError: if either is missing, with what to install.
    """
    if not cuda.is_available():
        raise EngineError(
            'engine span finds no CUDA device and toolkit for device "cuda"; install the driver '
            'and "bofcheck[cuda]", or use "cpu"'
        )


def _chip_bytes() -> int:
    """Shared memory a block can be given here."""
    # the numba.cuda whose kernels `_allow_chip` can speak to
    if hasattr(getattr(driver, "Function", None), "set_shared_memory_carveout"):
        return int(cuda.get_current_device().MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)
    return COMMON_CHIP


def _allow_chip(kernel: Any, size: int) -> None:
    """Allow a kernel more shared memory than every card gives by default."""
    (compiled,) = kernel.overloads.values()
    function = compiled._codelibrary.get_cufunc()
    attribute = driver.binding.CUfunction_attribute
    driver.driver.cuKernelSetAttribute(
        attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
        size,
        function.handle,
        function.device.id,
    )


def _check_memory(runs: int, needed: int, free: float) -> None:
    """Check that a batch fits the card.

    Raises:
        EngineError: if it is too large.
    """
    if needed > free:
        raise EngineError(
            f"engine span needs {needed / 1e9:.3g} GB on the CUDA device for {runs} runs, "
            f"{free / 1e9:.3g} GB are free; train fewer seeds at once"
        )
