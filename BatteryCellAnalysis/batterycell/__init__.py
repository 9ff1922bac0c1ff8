"""BatteryCell: measure battery cells in X-ray CT. Runs without Qt and without a Slicer application."""

__version__ = "0.1.0"
