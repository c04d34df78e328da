"""Which way every bound, time and law moves with each of its symbols, as prose or model say."""

from bofcheck import theory
from bofcheck.theory import benign, harmful

# name, expression, start of its clock (None: no clock), symbols it rises with, falls with.
_BOUNDS = [
    (benign, "B1", None, "C1 p", ""),
    (benign, "B2", "T1", "C2 T1 p", "t eta mu w k2"),
    (benign, "B3", "T2", "C3 T2 p sigma_V sigma_p d", "t eta mu w k3"),
    (benign, "B7", None, "epsilon", ""),
    (harmful, "H1", None, "C1 p", ""),
    (harmful, "H2", "T1", "t eta sigma_p d w C2", "N T1"),
    (harmful, "H2d", "T1", "t eta w mu sigma_p d N_max V_max_T1 u_T1", "N T1"),
    (harmful, "H5", None, "epsilon", ""),
]
_TIMES = [
    (benign, "T1", "paper", "c1", "eta d_h mu w"),
    (benign, "T1", "derived", "c1 sigma_V sigma_p d", "eta mu w"),
    (benign, "T2", "paper", "c2 delta", "eta mu w N"),
    (benign, "T2", "derived", "c2", "eta mu w"),
    (benign, "T3", "paper", "c3", "eta epsilon mu w"),
    (benign, "T3", "derived", "a b p N", "eta epsilon mu w sigma_p d"),
    (harmful, "T1", "paper", "c1 N", "eta d_h sigma_p d w"),
    (harmful, "T2", "paper", "c2 delta N", "eta sigma_p d w"),
    (harmful, "T3", "paper", "c3 N", "eta epsilon sigma_p d w"),
]
_LAWS = [
    (theory.SIGNAL_GROWTH, "eta mu w", "p"),
    (theory.NOISE_GROWTH, "eta sigma_p d w", "N"),
    (theory.GROWTH_RATIO, "N mu", "p sigma_p d"),
    (theory.LOGIT_GAP, "N", "p sigma_p d"),
]
_CONDITIONS = [
    (benign.condition, "N mu", "sigma_p d C0"),
    (harmful.condition, "sigma_p d", "N mu C0"),
]

ROWS = [
    *((b, th.bound(b).expr, clock, up, down) for th, b, clock, up, down in _BOUNDS),
    *(
        (f"{th.name} {event} {form}", th.time(event, form).expr, None, up, down)
        for th, event, form, up, down in _TIMES
    ),
    *((law.quantity, law.expr, None, up, down) for law, up, down in _LAWS),
    *((one.name, one.room, None, up, down) for one, up, down in _CONDITIONS),
]

CASES = [
    (name, expr, clock, symbol, sign)
    for name, expr, clock, up, down in ROWS
    for symbols, sign in ((up, 1), (down, -1))
    for symbol in symbols.split()
]
"""One (name, expression, clock, symbol, direction) for each way to move."""
