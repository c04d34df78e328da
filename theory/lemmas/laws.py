"""Every law by name, for reports, documents and tests.

>>> sorted(LAWS)[:3]
['T_gap', 'class_growth', 'failure_prob']
"""

from types import MappingProxyType

from ..law import Law
from .attention_growth import LOGIT_GAP, T_GAP
from .early_phase import CLASS_GROWTH, GROWTH_RATIO, NOISE_GROWTH, SIGNAL_GROWTH
from .error_event import OUTPUT
from .failure_tail import FAILURE_PROB, VALUE_NORM_SQUARED
from .label_draw import LABELS_PER_LOG
from .late_phase import LATE_MEMORY, LATE_SLOPE

_ALL = (
    *(SIGNAL_GROWTH, CLASS_GROWTH, NOISE_GROWTH, GROWTH_RATIO),
    *(LOGIT_GAP, T_GAP, LATE_SLOPE, LATE_MEMORY),
    *(OUTPUT, FAILURE_PROB, VALUE_NORM_SQUARED, LABELS_PER_LOG),
)

LAWS: MappingProxyType[str, Law] = MappingProxyType({law.quantity: law for law in _ALL})
"""Each law by its quantity."""
