"""The sections of the panel, one a stage of the work."""
