"""A movie: its layout, its maps and plot, its tables."""
