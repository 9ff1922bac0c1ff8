"""Jobs on an image of the project, with all its channels."""

from pathlib import Path
from typing import Any

from batterycell.mrml.wizard.images import channel_nodes, image_name
from batterycell.worker import write_job
from BatteryCellAnalysisLib.Work.JobFolder import describeVolume, makeJobFolder


def makeImageJob(verb: str, volumeNode: Any, settings: dict[str, Any]) -> Path:
    """Write a job on an image and return its folder, as of `makeJobFolder`.

    Args:
        verb: What the worker does, one that takes its image as of ``batterycell.worker.inputs.job_image``.
        volumeNode: The image's volume.
        settings: What else the verb asks for.

    Raises:
        InputError: if a channel holds no grey values.
    """
    settings = {**settings, "name": image_name(volumeNode)}
    folder = makeJobFolder(verb, volumeNode, settings)
    nodes = channel_nodes(volumeNode)
    if len(nodes) > 1:
        paths = [describeVolume(node, folder / f"channel_{n}.json") for n, node in enumerate(nodes)]
        names = [node.GetName() for node in nodes]
        channels = {"channels": [path.as_posix() for path in paths], "channel_names": names}
        write_job(folder, verb, folder / "volume.json", {**settings, **channels})
    return folder
