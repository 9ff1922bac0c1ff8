"""Objects: over the image, in a table, in a histogram."""
