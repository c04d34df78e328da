"""Does the training loss decay as 1/(gamma^2 eta t)?"""

from pathlib import Path

import bofcheck

HERE = Path(__file__).parent


def main() -> bofcheck.Checked:
    """Decide the theorem of theorem.toml on curves.csv."""
    result = bofcheck.check(HERE / "theorem.toml", HERE / "curves.csv")
    print(result)
    return result


if __name__ == "__main__":
    main()
