"""The section "Measure": rulers and angles, placed by clicks, and their table."""
