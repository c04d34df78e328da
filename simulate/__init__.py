"""Train the two-layer transformer, or another model, and log the quantities of the theory.

>>> from bofcheck.simulate import Problem, train
>>> trajectory = train(Problem(n_samples=4, dim=10**6), seeds=1, steps=5)
>>> trajectory.steps.tolist()
[0, 1, 2, 3, 4, 5]
"""

from .engines import LearningRates, engine_names
from .errors import (
    ClusterError,
    ClusterLostError,
    EngineError,
    ProblemError,
    ScheduleError,
    ShardExistsError,
    SimulationError,
    StoreError,
    StoreWriteError,
    SweepError,
)
from .initialization import InitialArrays, draw_arrays
from .limit import (
    ErrorCrossover,
    LossBoundary,
    Prediction,
    find_boundary,
    find_crossover,
    predict,
)
from .model_file import read_model
from .model_problem import ModelProblem, make_problem, parse_problem, read_problem
from .observables import QUANTITIES
from .problem import Problem
from .quantities import quantities_of
from .schedule import log_steps
from .store import CellOrder, TrajectoryStore, fill_cells, open_store, train_stored
from .train import train
from .trajectory import Trajectory

__all__ = [
    "QUANTITIES",
    "CellOrder",
    "ClusterError",
    "ClusterLostError",
    "EngineError",
    "ErrorCrossover",
    "InitialArrays",
    "LearningRates",
    "LossBoundary",
    "ModelProblem",
    "Prediction",
    "Problem",
    "ProblemError",
    "ScheduleError",
    "ShardExistsError",
    "SimulationError",
    "StoreError",
    "StoreWriteError",
    "SweepError",
    "Trajectory",
    "TrajectoryStore",
    "draw_arrays",
    "engine_names",
    "fill_cells",
    "find_boundary",
    "find_crossover",
    "log_steps",
    "make_problem",
    "open_store",
    "parse_problem",
    "predict",
    "quantities_of",
    "read_model",
    "read_problem",
    "train",
    "train_stored",
]
