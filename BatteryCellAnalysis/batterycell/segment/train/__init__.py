"""Training of networks."""

from batterycell.segment.device import Device, choose_device

from .controls import Controls
from .history import HISTORY_FILE, history_columns, read_history
from .loop import train
from .sizing import Machine, settings_for, size_to, this_machine

__all__ = [
    "HISTORY_FILE",
    "Controls",
    "Device",
    "Machine",
    "choose_device",
    "history_columns",
    "read_history",
    "settings_for",
    "size_to",
    "this_machine",
    "train",
]
