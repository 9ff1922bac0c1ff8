"""The section "Overhang": where ends are read, the values, tolerances and the verdict."""
