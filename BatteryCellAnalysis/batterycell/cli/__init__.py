"""The command line: ``batterycell VERB INPUT... [options]``."""

from .command import VERBS, main, make_parser

__all__ = ["VERBS", "main", "make_parser"]
