"""A two-layer ReLU network trained in PyTorch and recorded step by step; writes curves.csv."""

from pathlib import Path

import torch

import bofcheck

HERE = Path(__file__).parent
SAMPLES, DIM, WIDTH, STEPS, RUNS = 12, 8, 16, 1000, 24
LOGGED = {int(10 ** (each / 8)) for each in range(1, 24)} | {STEPS}


def main(folder: Path = HERE) -> None:
    """Train 24 runs of every learning rate."""
    with bofcheck.Recorder(folder / "curves.csv") as recorder:
        for eta in (0.1, 0.2, 0.4, 0.8, 1.6):
            for seed in range(RUNS):
                train(recorder, eta, seed)


def train(recorder: bofcheck.Recorder, eta: float, seed: int) -> None:
    """One run of full-batch gradient descent on random inputs and labels."""
    random = torch.Generator().manual_seed(1000 * seed + int(100 * eta))
    inputs = torch.randn(SAMPLES, DIM, generator=random)
    labels = torch.randint(0, 2, (SAMPLES,), generator=random) * 2.0 - 1.0
    first = (torch.randn(DIM, WIDTH, generator=random) / DIM**0.5).requires_grad_()
    second = (torch.randn(WIDTH, generator=random) / WIDTH**0.5).requires_grad_()
    optimizer = torch.optim.SGD([first, second], lr=eta)
    for step in range(STEPS + 1):
        outputs = torch.relu(inputs @ first) @ second
        loss = torch.nn.functional.softplus(-labels * outputs).mean()
        if step in LOGGED:
            recorder.log(seed, step, train_loss=float(f"{loss.item():.5g}"), eta=eta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    (HERE / "curves.csv").unlink(missing_ok=True)
    main()
