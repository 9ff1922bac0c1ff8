"""Licences under which a model can be published, as the text of its file ``LICENSE``."""

from __future__ import annotations

# By SPDX identifier: the name, and where its text stands.
KNOWN = {
    "CC-BY-4.0": ("Creative Commons Attribution 4.0 International", "https://creativecommons.org/licenses/by/4.0/"),
    "CC0-1.0": ("Creative Commons Zero 1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "Apache-2.0": ("Apache License, Version 2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
    "MIT": ("MIT License", "https://opensource.org/license/mit"),
    "CC-BY-SA-4.0": (
        "Creative Commons Attribution-ShareAlike 4.0 International",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    "CC-BY-NC-4.0": (
        "Creative Commons Attribution-NonCommercial 4.0 International",
        "https://creativecommons.org/licenses/by-nc/4.0/",
    ),
}
_NONE = """No licence was chosen for this model.

Whoever made it has all rights; ask before you use it or pass it on.
"""


def licence_text(licence: str, name: str) -> str:
    """The text of the file ``LICENSE`` of a model.

    Args:
        licence: SPDX expression; empty where none was chosen.
        name: The model's name.
    """
    if not licence:
        return _NONE
    title, place = KNOWN.get(licence, (licence, "https://spdx.org/licenses/"))
    return (
        f"SPDX-License-Identifier: {licence}\n\n"
        f'The model "{name}", that is its weights, its description and its documentation, is licensed under\n'
        f"{title}.\nThe text of this licence: {place}\n\n"
        "It is provided as it is, without warranties or conditions of any kind, express or implied.\n"
    )
