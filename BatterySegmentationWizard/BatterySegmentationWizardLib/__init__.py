"""Desktop ring of the BatterySegmentationWizard module: shows, asks, calls the headless package, and shows again."""
