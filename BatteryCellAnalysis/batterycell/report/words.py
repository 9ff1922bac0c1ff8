"""What the page says about the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from batterycell.summary import by_winding
from batterycell.tables import Table
from batterycell.told import outer_diameter, outer_name, plus_minus, rounded

_MINUS = "−"
# Below this share of readable overhangs, finding none negative says little.
_ENOUGH = 0.97


def number(value: float | None, digits: int = 0) -> str:
    """A number with a true minus sign and groups of three digits; a dash where there is none."""
    if value is None or value != value:
        return "–"
    text = f"{value:,.{digits}f}"
    return text.replace("-", _MINUS) if float(text.replace(",", "")) else text.removeprefix("-")


def pair(value: float | None, uncertainty: float | None, digits: int = 0) -> str:
    """``684 ± 14``."""
    known = None if uncertainty is None or uncertainty != uncertainty else uncertainty
    return number(value, digits) + plus_minus(known, digits)


FILTERS: dict[str, Callable[..., str]] = {"number": number, "pair": pair}


def told(summary: dict[str, Any]) -> dict[str, str]:
    """What was found, in one sentence: of the overhang where it was measured, else of what people marked."""
    if "overhang" in summary:
        return verdict(summary)
    if "verdict" in summary:
        found = summary["verdict"]
        return {"kind": "alarm" if found["outcome"] == "fail" else "unclear", "text": found["text"]}
    counts = {"defect": summary.get("defects", {}).get("n", 0), "ruler": summary.get("rulers", {}).get("n", 0)}
    marked = [f"{count} {word}{'s' if count != 1 else ''}" for word, count in counts.items() if count]
    text = f"; it holds {' and '.join(marked)}" if marked else ""
    return {"kind": "unclear", "text": f"The overhang of this cell was not measured{text}."}


def verdict(summary: dict[str, Any]) -> dict[str, str]:
    """The finding in one sentence; ``kind`` is "alarm", "unclear" or "clear"."""
    overhang = summary["overhang"]["all"]
    if not (overhang["n_readable"] or overhang["n_negative"]):
        return {"kind": "unclear", "text": "No overhang could be read."}
    text = (_negative if overhang["n_negative"] else _clear)(summary) + _missing(summary)
    return {"kind": _kind(overhang), "text": f"{text}."}


def _kind(overhang: dict[str, Any]) -> str:
    if overhang["n_negative"]:
        return "alarm"
    return "clear" if overhang["n_readable"] >= _ENOUGH * overhang["n"] else "unclear"


def _clear(summary: dict[str, Any]) -> str:
    return f"No negative overhang among {number(summary['overhang']['all']['n_readable'])} read"


def _negative(summary: dict[str, Any]) -> str:
    flags = summary["counts"]["flags"]
    texts = [_measured(summary, flags["negative"])] if flags["negative"] else []
    if flags["negative-unclear"]:
        texts.append(f"{_places(flags['negative-unclear'])} where the anode is not above the cathode, its end unclear")
    return "; ".join(texts)


def _measured(summary: dict[str, Any], count: int) -> str:
    least, read = summary["negatives"][0], summary["overhang"]["all"]["n_readable"]
    down_to = f"{pair(least['overhang_um'], least['uncertainty_um'])} µm ({_place(least)})"
    return f"{number(count)} of {number(read)} overhangs read are negative, down to {down_to}"


def _missing(summary: dict[str, Any]) -> str:
    """What a reader must know before trusting the rest: places without an anode, and places not read."""
    flags = summary["counts"]["flags"]
    unclear = flags["cathode-unclear"] + flags["anode-unclear"]
    absent = f"no anode seen at {_places(flags['no-anode'])}" if flags["no-anode"] else ""
    unread = f"{_places(unclear)} not readable" if unclear else ""
    return "".join(f"; {text}" for text in (absent, unread) if text)


def facts(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """The few numbers everybody wants, as (value, meaning)."""
    overhang = summary["overhang"]["all"]
    return [
        (f"{pair(overhang['mean_um'], overhang['u_mean_um'])} µm", "mean overhang"),
        (f"{number(overhang['min_um'])} to {number(overhang['max_um'])} µm", "least and greatest"),
        (number(overhang["n_negative"]), "negative overhangs"),
        (_share(overhang["n_readable"], overhang["n"]), f"readable ({_of(overhang)})"),
        (f"{rounded(*outer_diameter(summary))} mm", f"outer diameter of the {outer_name(summary)}"),
        (str(summary["windings"]), "windings"),
    ]


def winding_rows(overhang: Table, common_um: float) -> dict[str, list[dict[str, Any]]]:
    """For each end the rows of its table: the winding, and the statistics of its outer and inner side.

    Args:
        overhang: The overhang table.
        common_um: The standard uncertainty that all rows share.
    """
    ends: dict[str, dict[int, dict[str, Any]]] = {}
    for end, winding, side, statistics in by_winding(overhang, common_um):
        ends.setdefault(end, {}).setdefault(winding, {"winding": winding})[side] = statistics
    return {end: list(rows.values()) for end, rows in ends.items()}


def _places(count: int) -> str:
    return f"{number(count)} {'place' if count == 1 else 'places'}"


def _place(row: dict[str, Any]) -> str:
    return f"{row['end']}, winding {row['winding']}, {row['side']} side, {number(row['angle_deg'])}°"


def _share(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.1f} %" if whole else "–"


def _of(statistics: dict[str, Any]) -> str:
    return f"{number(statistics['n_readable'])} of {number(statistics['n'])}"
