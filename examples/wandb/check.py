"""Does the loss of gradient descent fall at the rate eta m? From a W&B export to a sentence."""

from pathlib import Path

import bofcheck

HERE = Path(__file__).parent


def main() -> bofcheck.Checked:
    """Decide the bound on wandb.csv, whose runs are called lr0.02_m1_seed0 and so on."""
    theorem = bofcheck.theorem(
        "convex", title="Strongly convex descent", source="Nesterov 2004, Theorem 2.1.15",
        model="a quadratic", symbols={"m": "smallest curvature"},
    ).upper("train_loss", "C*m*exp(-k*eta*m*t)")  # fmt: skip
    result = bofcheck.check(theorem, HERE / "wandb.csv")
    print(result)
    return result


if __name__ == "__main__":
    main()
