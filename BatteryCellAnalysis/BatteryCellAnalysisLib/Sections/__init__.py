"""The sections of the panel, one a stage of the work: a file each, or a folder where a section has rows of its own."""
