"""The direct engine keeps everything on the device it was given, seen on torch's meta device.

Meta tensors have shapes and a device but no numbers; mixing them with CPU tensors raises.
"""

import torch

from bofcheck.simulate import Problem, draw_arrays
from bofcheck.simulate.engines.direct import DenseModel


def test_forward_and_gradient_stay_on_the_device():
    problem = Problem(
        n_samples=3, dim=5, key_dim=2, value_dim=4, start="materialised", train_output=True
    )
    model = DenseModel(draw_arrays(problem, 0), problem, "meta")
    held = [value for value in vars(model).values() if isinstance(value, torch.Tensor)]
    assert {value.device.type for value in [*held, *model.weights.values()]} == {"meta"}
    weights = [weight.requires_grad_() for weight in model.weights.values()]
    outputs = model.outputs()
    loss = -torch.nn.functional.logsigmoid(model.observed * outputs).mean()
    gradients = torch.autograd.grad(loss, weights)
    assert outputs.shape == (3,)
    for weight, gradient in zip(weights, gradients, strict=True):
        assert gradient.device.type == "meta"
        assert gradient.shape == weight.shape
