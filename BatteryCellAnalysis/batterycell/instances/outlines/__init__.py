"""Measures of what objects border on: surface, contact, distance, Euler number."""
