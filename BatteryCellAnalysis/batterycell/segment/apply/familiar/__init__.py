"""Whether a model was trained on the like of an image."""

from .judge import Familiarity, allow_foreign, judge_familiarity, judge_windows, tell_foreign
from .learn import measure_familiarity, score_specimens
from .statistics import Statistics
from .store import FAMILIARITY, read_statistics, write_statistics

__all__ = [
    "FAMILIARITY",
    "Familiarity",
    "Statistics",
    "allow_foreign",
    "judge_familiarity",
    "judge_windows",
    "measure_familiarity",
    "read_statistics",
    "score_specimens",
    "tell_foreign",
    "write_statistics",
]
