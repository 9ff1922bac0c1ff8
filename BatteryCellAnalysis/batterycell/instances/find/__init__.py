"""Objects found in labels: connected components, joined across slabs, numbered."""
