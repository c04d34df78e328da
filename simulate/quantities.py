"""What is logged of a problem: the attention model's quantities, or another model's."""

from __future__ import annotations

from collections.abc import Mapping

from .model_problem import AnyProblem
from .observables import QUANTITIES
from .problem import Problem

#: Quantities of every model but attention, and their meaning; all are per run and log step.
MODEL_QUANTITIES = {
    "train_loss": "mean loss of the training samples, by the problem's loss",
    "test_loss": "mean loss of fresh samples, flips integrated exactly",
    "test_error": "P(y f <= 0) over fresh samples, flips integrated exactly",
    "test_error_low": "lower end of the 95% interval of test_error, by the number of fresh draws",
    "test_error_high": "upper end of the 95% interval of test_error",
    "fitted": "fraction of training labels fitted, y f > 0",
    "fitted_flipped": "fraction of flipped training labels fitted",
    "weight_norm": "Frobenius norm of the first layer W",
    "signal_memory": "max_j |w_j mu|, mean over the signals",
    "noise_memory": "max_j |w_j xi|, mean over the training noise",
}


def quantities_of(problem: AnyProblem) -> Mapping[str, str]:
    """Name -> meaning of every quantity that is logged of a problem.

    >>> from bofcheck.simulate import make_problem
    >>> list(quantities_of(make_problem(model="single_head")))[-2:]
    ['noise_memory', 'attention_first']
    """
    if isinstance(problem, Problem):
        return QUANTITIES
    return {**MODEL_QUANTITIES, **problem.network.quantities}
