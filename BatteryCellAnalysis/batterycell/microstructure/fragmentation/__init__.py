"""Cracks inside particles, and broken particles."""
