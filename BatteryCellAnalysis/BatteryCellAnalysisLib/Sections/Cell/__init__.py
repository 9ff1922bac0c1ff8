"""The section "Cell": choose or load a volume, as a preview first, also from files without a header."""
