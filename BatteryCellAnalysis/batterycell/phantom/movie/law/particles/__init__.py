"""Particles of irregular outline whose speed, thickness and first lithium are functions of place."""
