"""Rates: slopes of local polynomials, beside what is typical of the pixels of a half cycle."""
