"""JAX: any number of steps in one compiled program, over seeds: ``jit(vmap(fori_loop))``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.cell import Cell
from harness.contender import NotOfferedError

if TYPE_CHECKING:
    from harness.torch_start import TorchStart

Arrays = dict[str, Any]


def _training_loss(trained: Arrays, frozen: Arrays, samples: Any, labels: Any) -> Any:
    """Training loss of one run, (N, 2, d) samples."""
    import jax
    import jax.numpy as jnp

    W = {**trained, **frozen}
    logits = (samples @ W["W_Q"]) @ jnp.swapaxes(samples @ W["W_K"], 1, 2)
    attended = jax.nn.softmax(logits, axis=-1) @ (samples @ W["W_V"])
    return jax.nn.softplus(-labels * (attended @ W["w_O"]).mean(axis=1)).mean()


class Compiled:
    """A batch of runs; any number of steps is one call of a compiled program.

    Attributes:
        runs: runs of the batch.
        losses: (R,) training losses before the last step.
    """

    def __init__(self, cell: Cell, start: TorchStart, dtype: str, device: Any) -> None:
        import jax
        import jax.numpy as jnp

        def placed(values: Any) -> Any:
            return jax.device_put(jnp.asarray(values.numpy(), dtype=dtype), device)

        self.runs = cell.runs
        weights = {name: placed(values) for name, values in start.weights.items()}
        self._frozen = {} if cell.train_output else {"w_O": weights.pop("w_O")}
        self._trained = weights
        self._samples, self._labels = placed(start.tokens), placed(start.labels)
        gradient = jax.value_and_grad(_training_loss)

        def advance(trained: Arrays, frozen: Arrays, samples: Any, labels: Any, count: Any) -> Any:
            def step(_: Any, now: Any) -> Any:
                weights, _ = now
                loss, slopes = gradient(weights, frozen, samples, labels)
                rate = cell.learning_rate
                return {name: w - rate * slopes[name] for name, w in weights.items()}, loss

            # the count is not a constant of the program: another one does not compile it again
            return jax.lax.fori_loop(0, count, step, (trained, jnp.zeros((), dtype)))

        over_runs = jax.vmap(advance, in_axes=(0, 0, 0, 0, None))
        self._advance = jax.jit(over_runs, donate_argnums=0)
        self.losses = np.zeros(cell.runs)

    def step(self, count: int) -> None:
        """Full-batch gradient steps of every run."""
        self._trained, losses = self._advance(
            self._trained, self._frozen, self._samples, self._labels, count
        )
        self.losses = np.asarray(losses)  # waits

    def finite(self) -> bool:
        """Whether the last losses are numbers."""
        return bool(np.isfinite(self.losses).all())

    def device_bytes(self) -> int:
        """Not counted by JAX on the CPU."""
        return 0


class JaxLoop:
    """JAX in one precision.

    Attributes:
        name: as in `Contender`.
        label: as in `Contender`.
    """

    def __init__(self, dtype: str) -> None:
        self.name = f"jax-{dtype}"
        self.label = f"JAX jit + vmap, {dtype}"
        self._dtype = dtype

    def bytes_needed(self, cell: Cell) -> int:
        """Weights, gradients, tokens and activations of its runs."""
        return cell.runs * cell.dense_bytes(int(self._dtype.removeprefix("float")) // 8)

    def threads(self, device: str) -> tuple[int, ...]:
        """XLA's own choice."""
        return (0,)

    def use_threads(self, count: int) -> None:
        """Leave XLA its own choice."""

    def prepare(self, cell: Cell, device: str) -> Compiled:
        """All runs of the cell, from the torch contenders' start.

        Raises:
            NotOfferedError: JAX is not installed, or does not see the device.
        """
        try:
            import jax
        except ImportError:
            raise NotOfferedError('JAX is not installed; pip install "bofcheck[bench]"') from None
        import torch

        from harness.torch_start import draw_start

        if self._dtype == "float64":
            jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]  # JAX leaves it so
        try:
            seen = jax.devices(device)[0]
        except RuntimeError:
            raise NotOfferedError(f"this JAX does not see {device}") from None
        start = draw_start(cell, cell.runs, getattr(torch, self._dtype), "cpu")
        return Compiled(cell, start, self._dtype, seen)


CONTENDERS = [JaxLoop("float32"), JaxLoop("float64")]
