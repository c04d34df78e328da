"""Is the mean excess risk of averaged SGD on least squares sigma^2 d/t?"""

from pathlib import Path

import bofcheck

HERE = Path(__file__).parent


def main() -> bofcheck.Checked:
    """Decide a bound on the mean over runs on curves.csv, whose columns name d and sigma."""
    theorem = bofcheck.theorem(
        "averaged", title="Averaged SGD on least squares", source="Polyak and Juditsky 1992",
        model="a linear predictor", symbols={"sigma": "noise"},
    ).upper("excess_risk", "C*sigma**2*d/t", reading="mean")  # fmt: skip
    columns = {"quantity": "excess_risk"}
    result = bofcheck.check(theorem, HERE / "curves.csv", columns=columns)
    print(result)
    return result


if __name__ == "__main__":
    main()
