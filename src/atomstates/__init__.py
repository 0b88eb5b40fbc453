"""Density of atomistic states of superionic conductors, from crystal to report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from atomstates.notebook.campaign import OpenedCampaign

__all__ = ["__version__", "open"]

__version__ = "0.1.0"


def open(results: Path | str) -> OpenedCampaign:
    """Open a results folder: tables (pandas) and figures (matplotlib) of a campaign.

    Parameters
    ----------
    results
        Folder of a campaign, as ``results/tutorial``.

    Raises
    ------
    ProductError
        It is no results folder.

    Examples
    --------
    >>> import atomstates
    >>> campaign = atomstates.open(results)
    >>> campaign.conductivities().columns[:3].tolist()
    ['material', 'temperature_K', 'n_runs']
    """
    # here, so that importing the package stays light
    from atomstates.notebook.campaign import OpenedCampaign

    return OpenedCampaign(results)
