"""Instances: every region of a class as one object, as many as there are, with its measures."""
