"""Training: settings to the machine, patches, the loop, its state on disk."""
