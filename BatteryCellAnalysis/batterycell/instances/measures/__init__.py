"""The measures of objects: registry, one pass over the slabs, and the common ones."""
