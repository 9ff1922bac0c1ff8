"""Measures of whole objects: convex hull, Feret diameters, arc length."""
