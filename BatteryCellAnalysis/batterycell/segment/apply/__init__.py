"""Applying a model to slices, regions, volumes and folders."""
