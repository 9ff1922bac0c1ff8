"""Touching objects divided at their necks."""
