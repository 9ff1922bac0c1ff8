"""Models that ship with the program: what they learn from is generated, so that anyone can train them again."""

from .plan import PRETRAININGS, SPLITS, Pretraining, Split, random_of

__all__ = ["PRETRAININGS", "SPLITS", "Pretraining", "Split", "random_of"]
