"""Does the loss of a two-layer network fall as 1/(eta t log(eta t)) once it fits its labels?"""

from pathlib import Path

import bofcheck

HERE = Path(__file__).parent


def main() -> bofcheck.Checked:
    """Decide the bound on curves.csv, which the loop of make.py has recorded."""
    theorem = (
        bofcheck.theorem(
            "two-layer", title="A two-layer network late in training", provenance="SOURCE",
            source="Lyu and Li 2020, Theorem 4.4", model="a two-layer ReLU network",
        )
        .stage("before it fits", until="train_loss <= 0.05")
        .stage("after it fits")
        .upper("train_loss", "C/(eta*t*log(eta*t))")
    )  # fmt: skip
    result = bofcheck.check(theorem, HERE / "curves.csv")
    print(result)
    return result


if __name__ == "__main__":
    main()
