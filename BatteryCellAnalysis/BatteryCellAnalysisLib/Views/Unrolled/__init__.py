"""The unrolled cell: its layout, its view, and the link to the cross-hair."""
