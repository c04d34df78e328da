"""Is the excess risk of ridge regression a variance d/n plus a bias lambda^2?"""

from pathlib import Path

import pandas as pd

import bofcheck

HERE = Path(__file__).parent


def main() -> bofcheck.Checked:
    """Decide the bound, which has no time, on risks.csv."""
    theorem = bofcheck.theorem(
        "ridge", title="Ridge regression", source="bias and variance, textbook",
        model="a linear predictor", symbols={"n": "samples", "lam": "penalty"},
    ).upper("excess_risk", "C1/n + C2*lam**2")  # fmt: skip
    result = bofcheck.check(theorem, pd.read_csv(HERE / "risks.csv"))
    print(result)
    return result


if __name__ == "__main__":
    main()
