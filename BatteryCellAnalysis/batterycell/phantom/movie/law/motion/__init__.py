"""The law over time."""
