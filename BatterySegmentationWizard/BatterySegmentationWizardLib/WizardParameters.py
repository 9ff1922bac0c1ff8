"""The wizard's parameter node: what its pages show, kept in the scene."""

from typing import Annotated

from batterycell.segment import ROLES
from slicer import vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class WizardParameters:
    """The chosen image and the settings of the pages; classes, labels and frames are nodes of their own.

    Args:
        step: Which step is shown, by its place in ``Steps.STEPS``.
        image: The image that is painted in.
        frameSize: Longest edge of the next frame in voxels; 0 for all that the view shows.
        frameRole: Its role.
    """

    step: Annotated[int, WithinRange(0, 6)] = 0
    image: vtkMRMLScalarVolumeNode
    frameSize: Annotated[int, WithinRange(0, 4096)] = 256
    frameRole: Annotated[str, Choice(list(ROLES))] = ROLES[0]
