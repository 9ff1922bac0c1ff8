"""Tables in the panel: one of several, as many rows as there are, a cell edited by choosing a word."""
