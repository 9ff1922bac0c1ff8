"""The steps of the wizard, in the order of the work."""

from dataclasses import dataclass

# Each has a page Resources/UI/BatteryWizard<name>.ui and a button in the bar of steps.
STEPS = ("Classes", "Frames", "Train", "Review", "Apply", "Measure", "Publish")


@dataclass(frozen=True)
class StepState:
    """Where a step stands.

    Args:
        isDone: Whether it holds what the steps after it ask for.
        line: What it holds, or what is missing, in one line.
    """

    isDone: bool = False
    line: str = ""
