"""Microstructure: fractions, size distributions, surfaces, connectivity, fragmentation, each with its interval."""
