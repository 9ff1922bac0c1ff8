"""Desktop ring of the BatteryCellAnalysis module: shows, asks, calls the headless package, and shows again."""
