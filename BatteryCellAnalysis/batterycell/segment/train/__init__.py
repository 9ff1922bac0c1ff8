"""Training of networks."""

from .controls import Controls
from .device import Device, choose_device
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
