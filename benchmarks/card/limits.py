"""The card, and the rates that no program on it exceeds, measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch


def wait(device: str) -> None:
    """Wait until the device has done all it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


def seconds_of(work: Callable[[], object], device: str, rounds: int = 7) -> float:
    """Median seconds of a call, after one that is not counted."""
    spent = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        work()
        wait(device)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent[1:])


def describe_card(device: str) -> dict[str, Any]:
    """Name, memory in bytes, multiprocessors, compute capability and versions."""
    if device != "cuda":
        return {"name": device, "torch": torch.__version__}
    card = torch.cuda.get_device_properties(0)
    return {
        "name": card.name,
        "memory_bytes": card.total_memory,
        "multiprocessors": card.multi_processor_count,
        "capability": f"{card.major}.{card.minor}",
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
    }


def measure_limits(device: str, side: int = 8192, copied: int = 2**32) -> dict[str, float]:
    """Bytes copied a second, read and written both counted, and flops of square products.

    Args:
        device: a torch device.
        side: rows and columns of the products.
        copied: bytes of the array that is copied.

    Example:
        >>> sorted(measure_limits("cpu", side=16, copied=1024))
        ['copy_bytes', 'float32_flops', 'float64_flops']
    """
    source = torch.randn(copied // 8, dtype=torch.float64, device=device)
    target = torch.empty_like(source)
    seconds = seconds_of(partial(target.copy_, source), device)
    rates = {"copy_bytes": 2 * copied / seconds}
    del source, target  # before the products take their memory
    for name in ("float32", "float64"):
        left, right = (
            torch.randn(side, side, dtype=getattr(torch, name), device=device) for _ in range(2)
        )
        seconds = seconds_of(partial(torch.matmul, left, right), device)
        rates[f"{name}_flops"] = 2 * side**3 / seconds
    return rates
