"""Which results folder a command means."""

from pathlib import Path

from atomstates.campaign.layout import SETTINGS
from atomstates.errors import InputError


def results_folder(named: Path | None, place: str | None = None) -> Path:
    """The folder named, that of the run or material folder ``place``, this one, or the only one there is.

    Raises
    ------
    InputError
        There is none, or there are several.
    """
    if named is not None:
        return named
    if place is not None and "/" in place:
        # RESULTS/runs/ID and RESULTS/materials/NAME
        return Path(place).resolve().parents[1]
    if Path(SETTINGS).is_file():
        return Path()
    found = sorted(path.parent for path in Path("results").glob(f"*/{SETTINGS}"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(
            f"no results folder: neither this folder nor results/* has a {SETTINGS}. "
            "Start a campaign with `atomstates run CAMPAIGN`, or name its folder with --results."
        )
    names = ", ".join(str(path) for path in found)
    raise InputError(f"several results folders: {names}. Name one with --results.")
