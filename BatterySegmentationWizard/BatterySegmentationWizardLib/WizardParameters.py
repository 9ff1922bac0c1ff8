"""The wizard's parameter node: what its pages show, kept in the scene."""

from typing import Annotated

from slicer import vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class WizardParameters:
    """The chosen image and the settings of the pages; classes, labels and frames are nodes of their own.

    Args:
        step: Which step is shown, by its place in ``Steps.STEPS``.
        image: The image that is painted in.
    """

    step: Annotated[int, WithinRange(0, 6)] = 0
    image: vtkMRMLScalarVolumeNode
