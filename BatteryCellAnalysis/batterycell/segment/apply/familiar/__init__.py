"""Whether a model was trained on the like of an image."""

from .judge import Familiarity, judge_familiarity, judge_windows, require_familiar
from .learn import measure_familiarity, score_specimens
from .statistics import Statistics
from .store import FAMILIARITY, read_statistics, write_statistics

__all__ = [
    "FAMILIARITY",
    "Familiarity",
    "Statistics",
    "judge_familiarity",
    "judge_windows",
    "measure_familiarity",
    "read_statistics",
    "require_familiar",
    "score_specimens",
    "write_statistics",
]
