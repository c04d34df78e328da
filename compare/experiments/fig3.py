"""Fig. 3: the map of the test loss cut off, with the fitted curve N·SNR² = C."""

from __future__ import annotations

from ._map import map_cells
from .experiment import CHOSEN, JIANG, Experiment, Setting
from .fig2 import MAP_SEEDS, PRESETS, map_settings

#: A cell is benign where its mean test loss is at most this far from H(p) to log 2 ...
CUT_OFF = 0.5
#: ... and in Jiang's experiment without flips, where it is at most this.
JIANG_CUT_OFF = 0.2


def _cut_off(preset: str) -> tuple[Setting, ...]:
    rule = "(mean test loss - H(p))/(log 2 - H(p)) at most 1/2; a bare 0.2 is below H(0.1)"
    if preset != "jiang":
        return (Setting("cut-off", rule, CHOSEN),)
    bare = f"mean test loss at most {JIANG_CUT_OFF:g}"
    return Setting("cut-off at p = 0", bare, JIANG), Setting("cut-off with flips", rule, CHOSEN)


EXPERIMENT = Experiment(
    name="fig3",
    title="The cut-off map and the curve N·SNR² = C",
    source="§6.2, Fig. 3",
    settings={preset: (*map_settings(preset), *_cut_off(preset)) for preset in PRESETS},
    cells={preset: map_cells(preset) for preset in PRESETS},
    seeds=MAP_SEEDS,
    claims=("E5", "E6"),
)
