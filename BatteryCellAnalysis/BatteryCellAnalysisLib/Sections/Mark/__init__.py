"""The section "Mark": defects placed by clicks, their classes, their table and its files."""
