"""How good a model is on generated specimens, and how sure it may be."""
