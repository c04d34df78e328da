"""Which claims survive a departure from the theorem's model, and at what dose they break.

Every departure trains the same cells: a benign and a harmful one, two for the law of T2, and a grid
in N and SNR. Every question is decided from the departure's own runs.

>>> list(all_questions())
['fit', 'stages', 'benign', 'harmful', 'attention_rises', 'attention_falls', 'memory_benign',
 'memory_harmful', 'boundary_power', 'boundary_constant', 'time_law', 'limit']
"""

from .answer import Answer
from .files import document, write
from .findings import findings
from .preset import PRESETS, get_preset
from .question import Question, all_questions
from .study import Row, Study, decide
from .trained import DepartureRuns, Order, orders
from .training import estimate, train_orders

__all__ = [
    "PRESETS",
    "Answer",
    "DepartureRuns",
    "Order",
    "Question",
    "Row",
    "Study",
    "all_questions",
    "decide",
    "document",
    "estimate",
    "findings",
    "get_preset",
    "orders",
    "train_orders",
    "write",
]
