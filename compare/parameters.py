"""From a `Problem` to the theory's symbols, and the numbers both regimes turn on."""

from __future__ import annotations

import math

from ..simulate import Problem


def theory_values(problem: Problem) -> dict[str, float]:
    """The problem's numbers by theory symbol name.

    With PyTorch's default initialisation (uniform on ±1/√fan_in) the standard deviations are
    1/√(3d) and ‖w_O‖ concentrates at 1/√3.

    >>> values = theory_values(Problem(n_samples=20, dim=400, noise_std=0.05))
    >>> values["N"], values["d"], values["sigma_p"]
    (20.0, 400.0, 0.05)
    """
    p = problem
    sigma_h, sigma_V, w = p.init_std_qk, p.init_std_v, p.output_norm
    if p.init == "torch-default":
        sigma_h = sigma_V = 1 / math.sqrt(3 * p.dim)
        w = 1 / math.sqrt(3)
    return {
        "N": float(p.n_samples),
        "d": float(p.dim),
        "d_h": float(p.key_dim),
        "d_v": float(p.value_dim),
        "mu": p.signal_norm,
        "sigma_p": p.noise_std,
        "sigma_h": sigma_h,
        "sigma_V": sigma_V,
        "w": w,
        "eta": p.learning_rate,
        "p": p.flip_prob,
        "epsilon": p.target_loss,
        "delta": p.fail_prob,
    }


def strength(problem: Problem) -> float:
    """N·SNR², the number both theorems' conditions turn on.

    >>> round(strength(Problem(n_samples=20, dim=400, noise_std=0.05)), 9)
    20.0
    """
    return problem.n_samples * problem.snr**2
