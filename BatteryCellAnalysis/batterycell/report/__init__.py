"""The report: one self-contained page."""

from .findings import Findings
from .page import write_report

__all__ = ["Findings", "write_report"]
