"""Whether the channels of a material lie where its mobile ions have their sites."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.sites import PeriodicSite

from atomstates.check.verdicts import Examined
from atomstates.structures.channels import distances_from_columns

FloatArray = NDArray[np.float64]

_ON_COLUMN = 1.0
"""Å in the plane: split sites and zigzag columns stay within it; neighbouring columns are 3.5 Å apart."""


def examine_channels(found: Examined) -> None:
    """Each column has sites of its own and as many as the others, and no site is off all columns."""
    channels, structure, mobile = found.material.channels, found.structure, found.material.mobile
    assert structure is not None
    if channels is None:
        return
    sites = [site for site in structure if mobile in {species.symbol for species in site.species}]
    if not sites:
        return  # that the mobile ion is not in the crystal has been said
    families = {"a": channels.a, "b": channels.b}
    names = [f"channels.{family}.{i}" for family, each in families.items() for i in range(len(each))]
    columns = np.array(channels.a + channels.b, dtype=np.float64)
    lattice = np.array(structure.lattice.matrix)
    apart = distances_from_columns(np.array([site.frac_coords[:2] for site in sites]), columns, lattice)
    n_before = len(found.checks)
    _examine_columns(found, sites, apart, columns, names)
    _examine_sharing(found, sites, apart, names, _same_columns(columns, lattice))
    _examine_uncovered(found, sites, apart, names)
    if not any(check.status == "FAIL" for check in found.checks[n_before:]):
        _examine_multiplicity(found, (apart <= _ON_COLUMN).sum(axis=0), len(channels.a))


def _examine_columns(
    found: Examined, sites: list[PeriodicSite], apart: FloatArray, columns: FloatArray, names: list[str]
) -> None:
    """Every column has a site on it."""
    for column in np.flatnonzero(apart.min(axis=0) > _ON_COLUMN):
        nearest = int(apart[:, column].argmin())
        found.say(
            "channels",
            "FAIL",
            f"{names[column]} ({_fractions(columns[column])}) has no site of {found.material.mobile} "
            f"on it: {_site(sites[nearest])}, the nearest, is {apart[nearest, column]:.2f} Å away in the "
            f"plane, {_ON_COLUMN:g} are allowed; columns run along the third axis of the unit cell",
        )


def _examine_sharing(
    found: Examined,
    sites: list[PeriodicSite],
    apart: FloatArray,
    names: list[str],
    same: list[tuple[int, int]],
) -> None:
    """No column is named twice, and no site is on two."""
    for first, second in same:
        found.say("channels", "FAIL", f"{names[first]} and {names[second]} are the same column: remove one")
    if same:
        return
    for site, on_column in zip(sites, apart <= _ON_COLUMN, strict=True):
        if on_column.sum() > 1:
            held = " and ".join(names[column] for column in np.flatnonzero(on_column))
            words = f"{_site(site)} is on {held}: an ion there has no column of its own"
            found.say("channels", "FAIL", words)


def _same_columns(columns: FloatArray, lattice: FloatArray) -> list[tuple[int, int]]:
    """Pairs of columns that coincide, also in another cell."""
    apart = distances_from_columns(columns, columns, lattice)
    near = np.argwhere(np.triu(apart < 0.1, k=1))
    return [(int(first), int(second)) for first, second in near]


def _examine_uncovered(
    found: Examined, sites: list[PeriodicSite], apart: FloatArray, names: list[str]
) -> None:
    """Sites on no column: their ions are counted in the nearest one all the same."""
    uncovered = np.flatnonzero(apart.min(axis=1) > _ON_COLUMN)
    if not len(uncovered):
        return
    numbers = Counter(sites[i].label for i in uncovered)
    told = ", ".join(f"{number} of {label}" for label, number in numbers.items())
    first = uncovered[0]
    nearest = int(apart[first].argmin())
    found.say(
        "channels",
        "WARN",
        f"{len(uncovered)} site(s) of {found.material.mobile} are on no column ({told}): their ions are "
        f"counted in the nearest one, those of {_site(sites[first])} in {names[nearest]}, "
        f"{apart[first, nearest]:.2f} Å away; name the columns that are missing",
    )


def _examine_multiplicity(found: Examined, n_sites: NDArray[np.int64], n_first: int) -> None:
    """Columns are compared by their ions, which says something of order where they have as many sites."""
    families = {"a": n_sites[:n_first], "b": n_sites[n_first:]}
    words = ", ".join(
        f"{len(each)} column(s) in {family} with {' or '.join(map(str, np.unique(each)))} site(s) a cell"
        for family, each in families.items()
    )
    if len(np.unique(n_sites)) > 1:
        found.say(
            "channels",
            "WARN",
            f"{words}: the order parameter compares ions a column, and is zero in disorder only where "
            "all columns have as many sites",
        )
        return
    found.say("channels", "PASS", words)


def _site(site: PeriodicSite) -> str:
    """A site in a message."""
    return f"{site.label} ({_fractions(site.frac_coords)})"


def _fractions(position: FloatArray) -> str:
    """Fractional coordinates for people."""
    return ", ".join(f"{fraction:.4g}" for fraction in position)
