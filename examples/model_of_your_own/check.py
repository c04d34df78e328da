"""Does the loss of a model of your own decay as 1/(mu^2 eta t), at d = 10^9?"""

from pathlib import Path

import bofcheck

HERE = Path(__file__).parent


def main() -> bofcheck.Checked:
    """Decide the bound on curves.csv, which make.py has trained."""
    theorem = (
        bofcheck.theorem("smooth", title="A smooth two-layer network", model="softplus",
                         source="this example", provenance="DERIVED")
        .stage("start", until="train_loss <= 0.3")
        .stage("decay")
        .upper("train_loss", "C/(mu**2*eta*t)")
    )  # fmt: skip
    result = bofcheck.check(theorem, HERE / "curves.csv")
    print(result)
    return result


if __name__ == "__main__":
    main()
