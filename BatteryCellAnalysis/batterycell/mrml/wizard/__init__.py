"""The wizard's project in a scene: classes, frames, labels in and out, results, curves, autosave."""
