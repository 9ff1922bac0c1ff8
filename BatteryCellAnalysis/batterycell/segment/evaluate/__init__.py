"""How well labels agree with a truth: per image and class, with honest means."""

from .evaluation import EvaluateSettings, Evaluation, evaluate_pairs, score_labels
from .keys import Reading, find_common_key
from .labels import Compared, read_pair
from .pairs import Pair, find_pairs
from .scores import ImageScores
from .summary import dice_grid, grid_table, summary, write_tables
from .tables import CONFUSION_COLUMNS, SCORE_COLUMNS, confusion_table, score_table
from .worst import WorstSlice, worst_slices

__all__ = [
    "CONFUSION_COLUMNS",
    "SCORE_COLUMNS",
    "Compared",
    "EvaluateSettings",
    "Evaluation",
    "ImageScores",
    "Pair",
    "Reading",
    "WorstSlice",
    "confusion_table",
    "dice_grid",
    "evaluate_pairs",
    "find_common_key",
    "find_pairs",
    "grid_table",
    "read_pair",
    "score_labels",
    "score_table",
    "summary",
    "worst_slices",
    "write_tables",
]
