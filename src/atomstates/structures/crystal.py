"""The crystal as it was measured: a pymatgen structure with partial occupancies."""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.lattice import Lattice
from pymatgen.core.periodic_table import Element
from pymatgen.core.structure import Structure
from pymatgen.symmetry.groups import SpaceGroup

from atomstates.campaign.schema import Crystal, CrystalSite
from atomstates.errors import InputError

FloatArray = NDArray[np.float64]

_SAME_SITE = 0.1
"""Å: images of one site nearer than this are one special position (0.3333 for 1/3)."""
_NEAREST_ATOMS = 0.5
"""Å: no two atoms are nearer than this."""
_ELEMENTS = "elements"
"""Property of a structure: pymatgen sorts the sites of a CIF by composition, so they tell no order."""


def average_structure(crystal: Crystal, cif: Path | None = None) -> Structure:
    """Structure with partial occupancies and site labels, without symmetry but for its sites.

    Parameters
    ----------
    crystal
        Space group with lattice and sites, or the name of a CIF file.
    cif
        Where that CIF file lies.

    Raises
    ------
    InputError
        An element is unknown, the lattice does not fit the space group, the CIF cannot be
        read, or sites overlap that cannot both be occupied.
    """
    structure = _from_cif(cif) if cif is not None else _from_sites(crystal)
    _refuse_overlaps(structure, str(cif) if cif is not None else "crystal")
    return structure


def crystal_elements(structure: Structure) -> tuple[str, ...]:
    """Elements in the order in which the crystal's file or list of sites first names them."""
    named: tuple[str, ...] = structure.properties.get(_ELEMENTS, ())
    symbols = [species.symbol for site in structure for species in site.species]
    return tuple(dict.fromkeys((*named, *symbols)))


def _from_sites(crystal: Crystal) -> Structure:
    """All images of the given sites."""
    if crystal.space_group is None or crystal.lattice_A is None:
        raise ValueError("a crystal without a CIF needs space_group and lattice_A")
    lattice = Lattice.from_parameters(*crystal.lattice_A, *crystal.angles_deg)
    group = SpaceGroup.from_int_number(crystal.space_group)
    if not group.is_compatible(lattice, tol=1e-3, angle_tol=0.1):
        raise InputError(
            f"crystal: the lattice {crystal.lattice_A} Å, {crystal.angles_deg} deg does not have the "
            f"symmetry of space group {crystal.space_group} ({group.symbol}, {group.crystal_system}). "
            "Correct lattice_A, angles_deg or space_group (hexagonal axes need a = b and gamma = 120)."
        )
    operations = [operation.affine_matrix for operation in group.symmetry_ops]
    occupancies, positions, labels = [], [], []
    for site in crystal.sites:
        orbit = _orbit(site, np.array(operations), lattice)
        occupancies += [{_element(site): site.occupancy}] * len(orbit)
        positions += list(orbit)
        labels += [site.label] * len(orbit)
    occupancies, positions, labels = _merged(occupancies, positions, labels, lattice)
    return Structure(lattice, occupancies, positions, labels=labels)


def _element(site: CrystalSite) -> str:
    """The site's element, checked."""
    if not Element.is_valid_symbol(site.element):
        raise InputError(
            f"crystal: site {site.label!r} has the element {site.element!r}, which is no chemical symbol; "
            "write it as in 'Li'"
        )
    return site.element


def _orbit(site: CrystalSite, operations: FloatArray, lattice: Lattice) -> list[FloatArray]:
    """Distinct images of a site, which is first moved onto the special position that it is near."""
    position = np.array(site.position, dtype=np.float64)
    images = operations[:, :3, :3] @ position + operations[:, :3, 3]
    apart = images - position
    apart -= np.round(apart)
    on_itself = np.linalg.norm(apart @ lattice.matrix, axis=1) < _SAME_SITE
    position = position + apart[on_itself].mean(axis=0)
    orbit: list[FloatArray] = []
    for image in operations[:, :3, :3] @ position + operations[:, :3, 3]:
        # Round before folding: 1 - 1e-16 is 0.
        folded = np.round(image, 10) % 1.0
        if not orbit or _distances(folded, np.array(orbit), lattice).min() > _SAME_SITE:
            orbit.append(folded)
    return orbit


def _merged(
    occupancies: list[dict[str, float]], positions: list[FloatArray], labels: list[str], lattice: Lattice
) -> tuple[list[dict[str, float]], list[FloatArray], list[str]]:
    """Sites that several elements share become one site."""
    kept: list[int] = []
    shared: list[dict[str, float]] = []
    names: list[str] = []
    for i, position in enumerate(positions):
        if kept:
            distances = _distances(position, np.array([positions[k] for k in kept]), lattice)
            nearest = int(distances.argmin())
            total = sum(shared[nearest].values()) + sum(occupancies[i].values())
            element = next(iter(occupancies[i]))
            if distances[nearest] < _SAME_SITE and total < 1.0 + 1e-6 and element not in shared[nearest]:
                shared[nearest] = shared[nearest] | occupancies[i]
                names[nearest] = f"{names[nearest]}/{labels[i]}"
                continue
        kept.append(i)
        shared.append(occupancies[i])
        names.append(labels[i])
    return shared, [positions[k] for k in kept], names


def declared_charges(path: Path) -> dict[str, float]:
    """Oxidation states of the elements that a CIF declares; those of which it says nothing are left out.

    An element with several states has their mean over its atoms.
    """
    charge: dict[str, float] = {}
    atoms: dict[str, float] = {}
    for site in _parsed(path):
        for species, occupancy in site.species.items():
            if (state := getattr(species, "oxi_state", None)) is not None:
                symbol = species.symbol
                charge[symbol] = charge.get(symbol, 0.0) + float(state) * float(occupancy)
                atoms[symbol] = atoms.get(symbol, 0.0) + float(occupancy)
    return {symbol: charge[symbol] / atoms[symbol] for symbol in charge}


def _parsed(path: Path) -> Structure:
    """The one crystal of a CIF, as it stands."""
    from pymatgen.io.cif import CifParser

    try:
        with warnings.catch_warnings():
            # What matters (overlaps, occupancies) is checked here, with errors instead of warnings.
            warnings.simplefilter("ignore")
            parser = CifParser(path, occupancy_tolerance=100.0, site_tolerance=1e-3, check_cif=False)
            found = parser.parse_structures(primitive=False, check_occu=False)
    except (ValueError, KeyError, IndexError, OSError, AssertionError, TypeError) as error:
        raise InputError(
            f"{path}: cannot be read as a CIF ({error}). Needed: cell, symmetry and atom sites; "
            "open it in a viewer, or give space_group, lattice_A and sites instead."
        ) from error
    if len(found) != 1:
        raise InputError(f"{path}: holds {len(found)} crystals, one is needed")
    return found[0]


def _from_cif(path: Path) -> Structure:
    """The CIF's conventional cell, without oxidation states."""
    structure = _parsed(path)
    for site in structure:
        total = sum(site.species.values())
        if total > 1.005:
            raise InputError(f"{path}: site {site.label!r} is occupied {total:.3f} times; at most 1 can be")
        for species in site.species:
            symbol = getattr(species, "symbol", str(species))
            if not Element.is_valid_symbol(symbol):
                raise InputError(f"{path}: site {site.label!r}: {symbol!r} is no chemical symbol")
    structure.remove_oxidation_states()
    structure.properties[_ELEMENTS] = _elements_in_file(path, crystal_elements(structure))
    return structure


def _elements_in_file(path: Path, elements: tuple[str, ...]) -> tuple[str, ...]:
    """The elements of a CIF by their first row in its loop of atoms."""
    from pymatgen.io.cif import CifFile

    found: list[str] = []
    for block in CifFile.from_file(path).data.values():
        atoms = block.data.get("_atom_site_type_symbol") or block.data.get("_atom_site_label") or []
        # A site that elements share may be one row: 0.8Nb + 0.2Zr.
        for word in re.findall(r"(?:^|\+)[^A-Za-z+]*([A-Za-z]+)", "+".join(atoms)):
            found += [symbol for symbol in (word[:2].title(), word[:1].upper()) if symbol in elements][:1]
    return tuple(dict.fromkeys(found))


def _refuse_overlaps(structure: Structure, where: str) -> None:
    """Two sites that are too near each other to be both occupied must not need to be."""
    distances = structure.distance_matrix
    occupancy = np.array([sum(site.species.values()) for site in structure])
    near = (distances < _NEAREST_ATOMS) & (occupancy[:, None] + occupancy[None, :] > 1.0 + 1e-6)
    pairs = np.argwhere(np.triu(near, k=1))
    if len(pairs) == 0:
        return
    shown = [
        f"{_described(structure[i])} and {_described(structure[j])}: {distances[i, j]:.3f} Å"
        for i, j in pairs[:3]
    ]
    raise InputError(
        f"{where}: {len(pairs)} pairs of sites overlap and their occupancies add up to more than one:\n  "
        + "\n  ".join(shown)
        + f"\nAtoms are at least {_NEAREST_ATOMS} Å apart. Remove one of the sites, lower the occupancies, "
        "or check the symmetry setting (origin choice, axes)."
    )


def _described(site: Any) -> str:
    """A site in a message."""
    return f"{site.label} ({site.species_string}) at {np.round(site.frac_coords, 4)}"


def _distances(position: FloatArray, others: FloatArray, lattice: Lattice) -> FloatArray:
    """Shortest periodic distances, Å."""
    apart = others - position
    apart -= np.round(apart)
    distances: FloatArray = np.linalg.norm(apart @ lattice.matrix, axis=1)
    return distances
