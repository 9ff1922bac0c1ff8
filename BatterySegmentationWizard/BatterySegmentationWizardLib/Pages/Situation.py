"""What the pages of the wizard depend on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Situation:
    """How the project stands.

    Args:
        hasImage: An image is chosen.
        imageProblem: What is wrong with it: colours, vectors, axes that are not at right angles.
        classCount: Number of classes.
        roles: The role of each frame.
        hasModel: There is a current model: one that was trained or chosen.
        isShipped: It came with the program.
        isBusy: A worker is running.
        packagesProblem: Which packages a training lacks; empty where it has all.
        applyProblem: Which packages the current model lacks to be applied; empty where it has all.
    """

    hasImage: bool = False
    imageProblem: str = ""
    classCount: int = 0
    roles: tuple[str, ...] = ()
    hasModel: bool = False
    isShipped: bool = False
    isBusy: bool = False
    packagesProblem: str = ""
    applyProblem: str = ""
