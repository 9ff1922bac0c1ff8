"""Foreign particles and voids in the jelly roll."""

from .columns import INCLUSION_COLUMNS, INCLUSION_DTYPES, INCLUSION_FLAGS
from .stage import find_inclusions, inclusion_pieces

__all__ = ["INCLUSION_COLUMNS", "INCLUSION_DTYPES", "INCLUSION_FLAGS", "find_inclusions", "inclusion_pieces"]
