"""Pictures small enough for a repository: ``python reduce_pictures.py PICTURE... FOLDER`` reduces them to 256 colours.

``tutorial_3_cut_open.png`` becomes ``3_cut_open.png``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image


def reduce(picture: Path, folder: Path) -> Path:
    """Write a picture with 256 colours into a folder; its path."""
    path = folder / picture.name.removeprefix("tutorial_")
    with Image.open(picture) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main(words: list[str]) -> None:
    """Reduce the named pictures into the folder named last."""
    *pictures, folder = map(Path, words)
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        path = reduce(picture, folder)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
