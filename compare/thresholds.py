"""Every number that decides a verdict, in one place, with the day it was fixed.

A threshold is fixed before the data it judges. One that moves keeps its earlier values here and
gets its entry in docs/changed-rules.md; `thresholds` reads all of them, and docs/thresholds.md is
its table. What is measured, shown or trained is not here, nor are the tolerances of solvers.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Annotated

from .threshold_record import Fixed, Threshold, recorded

__all__ = ["Fixed", "Threshold", "thresholds"]


#: Thresholds of the first ledger, those added before the designs for powers and experiments, and
#: those that came with what a log does not say.
First, Later = partial(Fixed, "2026-11-22"), partial(Fixed, "2026-11-25")
Logs = partial(Fixed, "2026-11-27")
#: Those that came with other models and with departures.
Models = partial(Fixed, "2026-11-28")
Pair = tuple[float, float]

# Constants of a theorem

SLACK_C: Annotated[
    float, First("factor by which a fitted multiplicative constant C is widened")
] = 2.0
SLACK_K: Annotated[float, First("factor by which a fitted rate k is widened")] = 0.5
FIT_MIN_RUNS: Annotated[int, First("calibration runs below which nothing is fitted")] = 8
LOG_EXCESS_FLOOR: Annotated[
    float, First("log-excess below which a point is judged and not fitted")
] = -1e5
OBEYING_SHARE: Annotated[
    float, Later("share of runs that obey the constant whose limits are given")
] = 0.95
OBEYING_LIMIT_MISS: Annotated[float, Later("chance that either limit of that constant misses")] = (
    0.05
)
FREE_POWER_MISS: Annotated[
    float, Logs("chance that the interval of a free power misses, to whose end it is widened")
] = 0.05
LEFT_OUT_FACTOR: Annotated[
    float, First("values within this factor of the largest are left out with it")
] = 1.1

# What a verdict on a bound would have rejected

FAR_IN_TIME: Annotated[
    float, Logs("times further in its stage that a bound is judged than its constants are fitted")
] = 4.0
SHAPE_TOLERANCE: Annotated[
    float, Logs("power of a number by which the room of a sharp bound may change")
] = 0.25
SHAPE_MISS: Annotated[
    float, Logs("chance that one of the intervals behind a bound's shape misses")
] = 0.05
SHAPE_MIN_VARIED: Annotated[
    float, Logs("factor from which two values of a number are different levels")
] = 1.1
SHAPE_MIN_LEVELS: Annotated[int, Logs("levels of a number, and cells, that show a power")] = 3
SHAPE_MAX_DROPPED: Annotated[
    float, Logs("share of points with nothing above the floor beyond which no power is fitted")
] = 0.5
WEAK_TEST_SHARE: Annotated[
    float, Logs("share of wrong powers rejected below which HOLDS is a weak test")
] = 0.5

# Means over runs

MEAN_BOUND_MISS: Annotated[
    float, Logs("chance that HOLDS is wrong of a mean over runs, and that VIOLATED is")
] = 0.05
MEAN_MIN_RUNS: Annotated[int, Logs("runs of a cell needed to speak of their mean")] = 8

# Claims about runs

TOLERATED_FRACTION: Annotated[
    float, First("violating fraction a claim about runs may have, where 1/d is smaller")
] = 0.05
EXACT_BOUND_MISS: Annotated[
    float, First("chance that a one-sided Clopper–Pearson bound misses")
] = 0.05
VIOLATION_LOOK_MISS: Annotated[
    float,
    First(
        "chance of a false failure in all runs together, and in single cells together",
        before=(("2026-11-22", 0.05),),
    ),
] = 0.025
TELLING_DIGITS: Annotated[
    int,
    Fixed(
        "2026-11-27",
        "significant digits of different values from which runs with equal curves are copies",
    ),
] = 12
TRIVIAL_FRACTION: Annotated[
    float, First("share of runs with a trivial bound beyond which a claim is VACUOUS")
] = 0.5
ATTENTION_MOVE: Annotated[
    float, First("change of mean attention that counts as a move (M2, M4, M9)")
] = 0.05
ATTENTION_NEAR_HALF: Annotated[float, First("distance of attention from ½ that is near ½ (M1)")] = (
    0.05
)
MEMORY_DOMINANCE: Annotated[
    float, First("ratio from which one memory dominates the other (M5, M6)")
] = 2.0
EARLY_PHASE_NEAR_HALF: Annotated[
    float, First("distance of attention and residual from ½ that ends the early time (M7)")
] = 0.02
EARLY_SLOPE_MIN_POINTS: Annotated[int, First("logged steps needed in the early time (M7)")] = 5
EARLY_SLOPE_TOLERANCE: Annotated[float, First("relative error an early slope may have (M7)")] = 0.1
NOISE_MEMORY_GROWTH: Annotated[
    float, First("factor by which |V_n| of flipped samples must grow (M9)")
] = 2.0
FINAL_ERROR_CLOSE: Annotated[
    float, First("excess test_error at the end that is close to p (B8)")
] = 0.01
SIMILAR_EXCESS_FACTOR: Annotated[
    float, First("factor between P at the start and at T1, by the definition of T1 (B10)")
] = 10.0

# Numbers in a band

BAND_MIN_CELLS: Annotated[
    int, First("held-out cells needed to speak of a number in a band (M8, M10)")
] = 4
BAND_CONFIDENCE: Annotated[
    float, First("confidence of all cells' limits of the median on one side")
] = 0.95
LATE_PHASE_FROM: Annotated[
    float, First("multiple of T2 from which it is late; training lasts twice that")
] = 3.0
LATE_SLOPE_BAND: Annotated[
    tuple[float, float], First("band of late slope times attention (M8)")
] = (0.8, 1.25)
LOGIT_GAP_BAND: Annotated[
    tuple[float, float], First("band of the law Λ at the event T_gap (M10)")
] = (0.5, 2.0)

# Constants and flips

MUCH_SMALLER_RATIO: Annotated[
    float, First("excess at T2 over that at T1 up to which C3 is much smaller than C2 (B9)")
] = 0.1
FLIPS_FALSE_ALARM: Annotated[
    float, First("false alarm of HOLDS and of a failure each, one-sided (M3)")
] = 0.01
FLIPS_MIN_RUNS: Annotated[int, First("runs needed on either side of a pair (M3)")] = 4
FLIPS_MIN_PAIRS: Annotated[int, First("pairs of cells that differ in p alone (M3)")] = 2

TRIVIAL_SHARE_OF_STAGE: Annotated[
    float,
    Logs("share of a stage from which a fitted bound above all measured values is trivial"),
] = 0.5

RISES_FROM: Annotated[
    float,
    Logs("last over first value of a run from which a quantity rises and has no trivial value"),
] = 1.1
GROWTH_ALLOWED: Annotated[
    float, Logs("growth a bound allows over that measured from which it says nothing (H2, H2d)")
] = 10.0

NO_RATE_CHANGE: Annotated[
    float, Logs("change of a bound's logarithm over all calibration points up to which a rate is 0")
] = 1e-6

# What a log does not say

COARSE_LOGGING: Annotated[
    float,
    Logs("gap of the logged steps around an event, as a share of the later, that is coarse"),
] = 0.25

WATCHED_GAPS: Annotated[
    float, Logs("gaps of its own log by which a run may end before the longest of its cell")
] = 2.0
WATCHED_MIN_POINTS: Annotated[
    int, Logs("logged points from which a run's gaps say when it would have logged next")
] = 10
UNSEEN_SHARE_OF_STAGE: Annotated[
    float,
    Logs("share of a stage's logged steps in a row, missing in a run, that leaves it undecided"),
] = 0.25
UNSEEN_OVER_USUAL: Annotated[
    float, Logs("length of such a stretch over the run's usual gap between logged steps")
] = 3.0

# Stage times

STAGE_TIME_SPREAD: Annotated[
    float, First("ratio between cells of event time over law (B4 to B6)")
] = 2.0
STAGE_TIME_MIN_CELLS: Annotated[int, First("held-out cells needed to speak of a scaling")] = 4
STAGE_TIME_MIN_RUNS: Annotated[int, First("runs of a cell needed to speak of a scaling")] = 5
STAGE_TIME_CONFIDENCE: Annotated[
    float, First("confidence of the spread's upper limit, for HOLDS")
] = 0.95
STAGE_TIME_LOOK_CONFIDENCE: Annotated[
    float,
    First("confidence of the spread's lower limit, for a failure", before=(("2026-11-25", 0.95),)),
] = 0.975
STAGE_TIME_RESAMPLES: Annotated[
    int, First("resamples of every cell's runs for the spread's upper limit")
] = 2_000
TIME_POWER_TOLERANCE: Annotated[
    float, Later("what a power of a stage time may be off by, of the law's, at least of 1")
] = 0.2
TIME_POWERS_MISS: Annotated[
    float, Later("chance that one of a stage time's deciding intervals misses")
] = 0.025
LAW_COMPARISON_MIN_CELLS: Annotated[
    int, First("cells below which laws of a stage time are not compared")
] = 6

# Powers of the excess test error

POWER_TOLERANCE: Annotated[
    float,
    First("what a power in an exponent may be off by (B11, X3)", before=(("2026-11-25", 0.5),)),
] = 0.25
POWER_MATERIAL_SHARE: Annotated[
    float, Later("share of the tolerance from which a power that is surely off differs")
] = 0.75
POWERS_MISS: Annotated[float, First("chance that one of a fit's deciding intervals misses")] = 0.05
POWER_SHARES_STAGE_2: Annotated[
    tuple[float, ...],
    First(
        "shares of stage 2 at which rows for powers are taken",
        before=(("2026-11-25", (0.5, 0.6, 0.7, 0.8, 0.9)),),
    ),
] = (0.2, 0.3, 0.45, 0.6, 0.8)
POWER_SHARES_STAGE_3: Annotated[
    tuple[float, ...],
    First(
        "shares of stage 3 at which rows for powers are taken",
        before=(("2026-11-25", (0.2, 0.4, 0.6, 0.8, 1.0)),),
    ),
] = (0.2, 0.35, 0.5, 0.7, 1.0)
POWER_USABLE_SHARE: Annotated[
    float, Later("share of a cell's runs beyond which the cell counts for powers")
] = 0.5
POWER_SPARE_CELLS: Annotated[
    int, First("cells inside the assumptions beyond one a number, to decide by themselves")
] = 2

# Boundaries in N, SNR, d and d_h

GOOD_RUN_CUT_OFF: Annotated[
    float, First("(quantity - best)/(chance - best) up to which a run is good")
] = 0.5
RUNG_STANDARD_ERRORS: Annotated[
    int, First("standard errors from the cut-off at which a rung is called (B0, H0)")
] = 2
SEPARATION_MIN_RUNGS: Annotated[
    int, First("held-out rungs needed beyond the constant (B0, H0)")
] = 3
BOUNDARY_TOLERANCE_SNR: Annotated[
    float, First("what the power of SNR may be off by: a quarter of the rivals' distance")
] = 0.5
BOUNDARY_TOLERANCE_D: Annotated[
    float, First("what the power of d may be off by: a quarter of the rivals' distance")
] = 0.25
BOUNDARY_TOLERANCE_D_H: Annotated[
    float, First("what the power of d_h may be off by: half of the power in question")
] = 0.125
RIVAL_STANDARD_ERRORS: Annotated[
    float, First("standard errors by which a rival law's held-out likelihood counts")
] = 2.0
BOUNDARY_CONFIDENCE: Annotated[float, First("confidence of each power's interval, two-sided")] = (
    0.95
)
BOUNDARY_RESAMPLES: Annotated[int, First("resamples of the cells of a boundary")] = 1_000
BOUNDARY_FOLDS: Annotated[int, First("folds of a boundary's held-out likelihood")] = 10
BOUNDARY_SPARE_CELLS: Annotated[
    int, First("cells needed beyond one for each number of a boundary")
] = 4
LOGISTIC_RIDGE: Annotated[
    float, First("inverse prior variance of a standardised slope of the log odds")
] = 0.01
STRENGTH_POWER_TOLERANCE: Annotated[
    float,
    Models("what a power of a theorem's boundary may be off by, the reference's being the law's"),
] = 0.25
STRENGTH_FORESEEN: Annotated[
    float, Models("share of held-out cells whose side the calibration cells' constant foresees")
] = 0.9
LARGE_D_ERROR_AWAY: Annotated[
    float, First("test_error - p that is bounded away from 0 (H8, Kou 2023)")
] = 0.1
LARGE_D_MIN_DIMS: Annotated[int, First("dimensions needed at a level of N·SNR² (H8)")] = 3
LARGE_D_MIN_RUNS: Annotated[int, First("trained runs needed in the largest dimension (H8)")] = 4
LARGE_D_CONFIDENCE: Annotated[
    float, First("confidence of each limit of the mean over runs (H8), one-sided")
] = 0.95

# Sentences on the experiments

CHAIN_MIN_LEVELS: Annotated[
    int, Later("levels a chain of cells needs to show a trend", before=(("2026-11-25", 2),))
] = 3
TREND_FALSE_ALARM: Annotated[
    float, Later("false alarm of HOLDS, of a failure over all chains, and in single chains")
] = 0.01
TREND_MIN_RUNS: Annotated[int, Later("runs a level of a chain needs (E2, E9 to E14)")] = 4
JOINT_TREND_FALSE_ALARM: Annotated[
    float, Later("false alarm of HOLDS and of a failure each, one-sided (E3)")
] = 0.01
JOINT_TREND_PERMUTATIONS: Annotated[int, Later("permutations of a map's cells (E3)")] = 4_999
JOINT_TREND_MIN_CELLS: Annotated[int, Later("cells a map needs (E3)")] = 9
RUN_RESAMPLES: Annotated[int, Later("resamples of every cell's runs (E1, E4, E8, E11, E12)")] = (
    2_000
)
STAGE_VISIBLE: Annotated[
    float, Later("length of a slow stretch over the fast one that is a stage (E1)")
] = 0.25
FAST_STRETCH_EARLY: Annotated[
    float, Later("share of the fall at which the fast stretch begins (E1)")
] = 0.1
FAST_STRETCH_LATE: Annotated[
    float, Later("share of the fall at which the fast stretch ends (E1)")
] = 0.9
SIGNAL_WINS_FROM: Annotated[float, Later("N·SNR² from which test_loss has a fall to show (E1)")] = (
    1.0
)
LOSS_CURVES_MISS: Annotated[float, Later("one-sided miss of all limits together (E1)")] = 0.05
LOSS_CURVES_MIN_RUNS: Annotated[int, Later("runs a curve needs (E1)")] = 4
MAPS_ALIKE: Annotated[float, Later("rank correlation from which two maps are alike (E4)")] = 0.9
MAPS_ALIKE_MISS: Annotated[float, Later("one-sided miss of all limits together (E4)")] = 0.05
MAPS_ALIKE_MIN_CELLS: Annotated[int, Later("cells two maps must share (E4)")] = 9
SAME_POWERS_MISS: Annotated[
    float, First("miss of one side of all differences of powers together (E6)")
] = 0.025
MAP_LIMITS_MISS: Annotated[
    float, Later("one-sided miss of E7's slope, of all its steps, and of E8's limits")
] = 0.05
RISING_CONSTANT_RESAMPLES: Annotated[int, Later("resamples of a map's cells (E7)")] = 500
RISING_CONSTANT_MIN_LEVELS: Annotated[
    int, Later("flip probabilities whose boundary must be found (E7)")
] = 3
BOUNDARY_CORRELATION_HIGH: Annotated[
    float, Later("correlation that is a very high degree of similarity (E8)")
] = 0.9
BOUNDARY_CORRELATION_MIN_ROWS: Annotated[
    int, Later("values of N whose boundary must be found at a flip probability (E8)")
] = 4
FINAL_LOSS_MISS: Annotated[float, Later("one-sided miss of E11's limits and of E12's together")] = (
    0.05
)
SATURATED_SHARE: Annotated[
    float, Later("share of the change in the lower half of log sigma_V (E11; linear: ½)")
] = 0.25
SATURATION_MIN_SIGMAS: Annotated[int, Later("values of sigma_V a chain needs (E11)")] = 4
MARKED_FALL_FACTOR: Annotated[
    float, Later("fall at a higher SNR over the change at the lowest that is marked (E12)")
] = 2.0
MARKED_FALL_FALSE_ALARM: Annotated[
    float, Later("false alarm of the trend with N, one-sided (E12)")
] = 0.01
PAIRED_MIN_CLAIMS: Annotated[int, Later("claims that must be decided on both sides (X4, X5)")] = 5

# What reviewers doubt

FLIP_FACTOR_TOLERANCE: Annotated[
    float, Logs("what the power of 1 - 2p in the early growth may be off by (R1)")
] = 0.25
FLIP_FACTOR_MISS: Annotated[float, Logs("chance that that power's interval misses (R1)")] = 0.05
FRESH_MIN_CELLS: Annotated[
    int, Logs("held-out cells needed to speak of fresh scores (R2, R4, R5)")
] = 4
SCORE_NORMAL_FALSE_ALARM: Annotated[
    float, Logs("false alarm of the tests of normality at both times together (R2)")
] = 0.01
SCORE_MOMENTS_WITHIN: Annotated[
    float, Logs("mean skewness and excess kurtosis that are still near 0, for HOLDS (R2)")
] = 0.2
SCORE_MOMENTS_MISS: Annotated[
    float, Logs("chance that their limits at either time are exceeded (R2)")
] = 0.01
TRAINING_NOISE_FALSE_ALARM: Annotated[
    float, Logs("chance that a run whose training noise is as fresh noise is called otherwise (R3)")
] = 0.001
PARTS_ADD_UP_BAND: Annotated[
    tuple[float, float], Logs("variance of a score over the sum of its parts' variances (R4)")
] = (0.8, 1.25)
FRESH_MEAN_BAND: Annotated[
    tuple[float, float], Logs("mean of a fresh memory over its mean size (R5)")
] = (0.8, 1.25)
FRESH_MEAN_MISS: Annotated[float, Logs("chance that the limits of that mean miss (R5)")] = 0.01
LEAST_LOSS_BAND: Annotated[
    tuple[float, float],
    Logs("median test margin at the least test_loss over log((1-p)/p) (R6)"),
] = (0.8, 1.25)

# The limit of gradient descent

LIMIT_LOSS_WITHIN: Annotated[
    float, Logs("relative error of a predicted loss, anywhere in training (L1, L2)")
] = 0.02
LIMIT_LOG_P_WITHIN: Annotated[
    float, Logs("error of the predicted log P, anywhere in training, as a share of it (L3)")
] = 0.1
LIMIT_TIME_WITHIN: Annotated[float, Logs("relative error of a predicted event time (L4)")] = 0.03
LIMIT_MISSED_SHARE: Annotated[
    float, Logs("share of runs that may be predicted worse than that (L1 to L5)")
] = 0.05
LIMIT_EDGE_POWER_WITHIN: Annotated[
    float,
    Logs("distance of the predicted powers of SNR and d from those of the trained boundary (L5)"),
] = 0.1
LIMIT_EDGE_LEVEL_WITHIN: Annotated[
    float, Logs("relative distance of the predicted N·SNR² from that of the trained boundary (L5)")
] = 0.1
LIMIT_EDGE_MISS: Annotated[
    float, Logs("chance that one of the intervals of these distances misses (L5)")
] = 0.05
LIMIT_ERROR_POWER_TOLERANCE: Annotated[
    float, Logs("what the power of d or d_h in the limit's error may be off by (L6)")
] = 0.125
LIMIT_ERROR_POWERS_MISS: Annotated[
    float, Logs("chance that one of the intervals of these powers misses (L6)")
] = 0.05

# Set-up and identities

EXACT_TESTS_FALSE_ALARM: Annotated[
    float, First("false alarm of all exact tests of a claim together (S1, S3, S4)")
] = 1e-4
TOKEN_STORED_DIM: Annotated[
    int, First("dimension of the copies whose tokens are stored (S2 to S4)")
] = 1024
TOKEN_RUNS: Annotated[int, First("runs drawn of each problem (S2 to S4)")] = 8
ORTHOGONAL_SIGNALS_TOLERANCE: Annotated[
    float, First("departure of the signals' Gram matrix over mu² (S2)")
] = 1e-12
MODEL_FORM_TOLERANCE: Annotated[
    float, First("relative difference of two forms of the model (S5, S6)")
] = 1e-12
MODEL_FORM_TRIALS: Annotated[int, First("problems the forms of the model are tried on (S5)")] = 12
LEMMA_STEP_TRIALS: Annotated[
    int, First("problems a step is tried on, w_O frozen and trained (S6)")
] = 8
IDENTITY_Z_LIMIT: Annotated[
    float, First("|z| allowed at each of two steps; false alarm 1.3e-4 (I1, I2)")
] = 4.0
FLIP_LOSS_RUNS: Annotated[int, First("runs of each flip probability (I2)")] = 8
FLIP_LOSS_TOKENS: Annotated[int, First("fresh tokens of a run (I2)")] = 2048
TAIL_BOUND_MISS: Annotated[
    float, First("chance that any of all exact bounds of a tail misses (I3)")
] = 1e-4
TAIL_BOUND_BATCHES: Annotated[
    int, First("batches of noise tokens, with weights of their own (I3)")
] = 10
TAIL_BOUND_BATCH: Annotated[int, First("noise tokens of a batch (I3)")] = 100_000
ERROR_EVENT_TRIALS: Annotated[
    int, First("problems tried, at the start and after training (I4)")
] = 6
ERROR_EVENT_TOKENS: Annotated[int, First("fresh tokens of a problem (I4)")] = 256

# Departures from the theorem's model; a claim holds to the first of two numbers and breaks from
# the second

TRANSFER_MISS: Annotated[float, Models("chance that a limit of an interval misses, a side")] = 0.05
TRANSFER_MIN_RUNS: Annotated[int, Models("runs below which nothing is decided")] = 4
TRANSFER_SIGNAL_LEARNED: Annotated[
    float, Models("clean_error up to which the signal counts as learned")
] = 0.25
TRANSFER_FLIPS_FITTED: Annotated[
    float, Models("share of flipped labels fitted from which they count as memorised")
] = 0.5
TRANSFER_SHARE: Annotated[Pair, Models("share of runs")] = (0.65, 0.35)
TRANSFER_EXCESS: Annotated[Pair, Models("mean clean_error, benign")] = (0.02, 0.1)
TRANSFER_FLOOR: Annotated[Pair, Models("mean clean_error, harmful")] = (0.2, 0.1)
TRANSFER_ATTENTION: Annotated[Pair, Models("move of attention")] = (0.05, 0.0)
TRANSFER_MEMORY: Annotated[Pair, Models("log2 of larger over smaller memory")] = (1.0, 0.0)
TRANSFER_POWER: Annotated[Pair, Models("distance of the power of SNR from 2")] = (0.5, 1.0)
TRANSFER_CONSTANT: Annotated[Pair, Models("factor from the base's constant")] = (1.5, 3.0)
TRANSFER_TIME_POWER: Annotated[Pair, Models("distance of a power of T2 from the law's")] = (
    0.25,
    0.5,
)
TRANSFER_LIMIT: Annotated[Pair, Models("worst error of the limit's train_loss")] = (0.15, 0.5)


def thresholds() -> dict[str, Threshold]:
    """Every threshold by name, in the order of this file.

    Example:
        >>> threshold = thresholds()["POWER_TOLERANCE"]
        >>> threshold.value, threshold.fixed_on, threshold.changed_on, threshold.before
        (0.25, '2026-11-22', '2026-11-25', (('2026-11-25', 0.5),))
    """
    return recorded(sys.modules[__name__])
