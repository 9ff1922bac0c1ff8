"""What the sections show beside the panel, and in it: maps, tables, slice views."""
