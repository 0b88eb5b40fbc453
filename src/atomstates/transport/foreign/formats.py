"""Frames that other packages read: MDAnalysis and ASE."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from atomstates.errors import AtomStatesError, InputError
from atomstates.transport.foreign.pieces import Frame, mapped_types

# the other formats have no times, or do not tell their unit, and MDAnalysis takes them for 1 ps a frame
_WITH_TIMES = {"XTC", "TRR", "H5MD", "NCDF"}
_DCD = {"DCD", "LAMMPS"}
# columns of the atom styles of LAMMPS data files, of which MDAnalysis tells only two apart by itself
_STYLES = {
    "atomic": "id type x y z",
    "charge": "id type charge x y z",
    "molecular": "id resid type x y z",
    "full": "id resid type charge x y z",
}


def ase_frames(path: Path) -> Iterator[Frame]:
    """Frames of extxyz and other files that ASE reads.

    Raises
    ------
    InputError
        ASE is not installed or cannot read the file.
    """
    try:
        from ase.io import iread
    except ImportError as error:
        raise InputError(
            f"{path}: this format is read by ASE; install it: pip install 'atomstates[formats]'"
        ) from error
    with _named(path):
        for atoms in iread(path, index=":"):
            cell = atoms.cell.array if atoms.cell.rank == 3 else None
            yield Frame(
                tuple(atoms.get_chemical_symbols()),
                atoms.positions if cell is None else atoms.positions @ np.linalg.inv(cell),
                cell,
                "Cartesian positions",
                periodic=(bool(atoms.pbc[0]), bool(atoms.pbc[1]), bool(atoms.pbc[2])),
            )


def mdanalysis_frames(
    path: Path, topology: Path | None, form: str | None, elements: tuple[str, ...]
) -> Iterator[Frame]:
    """Frames that MDAnalysis reads; labels and masses only where the file or the topology has them.

    Raises
    ------
    InputError
        MDAnalysis cannot read the file, or nothing names the atoms.
    """
    with _named(path):
        universe = _universe(path, topology, form)
        labels = _labels(universe, path, topology, elements)
        masses = np.array(universe.atoms.masses) if hasattr(universe.atoms, "masses") else None
        formats = np.atleast_1d(universe.trajectory.format).tolist()
        times = not _WITH_TIMES.isdisjoint(formats)
        first, each = (None, 0) if _DCD.isdisjoint(formats) else _dcd_steps(path)
        for number, now in enumerate(universe.trajectory):
            cell = None if now.dimensions is None else now.triclinic_dimensions.astype(np.float64)
            positions = now.positions.astype(np.float64)
            yield Frame(
                labels,
                positions if cell is None else positions @ np.linalg.inv(cell),
                cell,
                "Cartesian positions",
                masses=masses,
                step=None if first is None else first + each * number,
                time=float(now.time) if times else None,
            )


def _universe(path: Path, topology: Path | None, form: str | None) -> Any:
    """The universe of MDAnalysis, in which nothing is guessed."""
    import MDAnalysis

    options: dict[str, Any] = {"to_guess": ()}
    if topology is not None and (style := _atom_style(topology)):
        options |= {"topology_format": "DATA", "atom_style": style}
    with warnings.catch_warnings():
        # of what it lacks or would guess (masses, elements, times) this package speaks itself
        warnings.filterwarnings("ignore", category=UserWarning, module="MDAnalysis")
        # its own plans for a reader that is read frame by frame here
        warnings.filterwarnings("ignore", "DCDReader currently makes independent", DeprecationWarning)
        if topology is None:
            return MDAnalysis.Universe(str(path), format=form, **options)
        return MDAnalysis.Universe(str(topology), str(path), format=form, **options)


def _atom_style(topology: Path) -> str | None:
    """Columns of the atoms of a LAMMPS data file that names its style (``Atoms # full``)."""
    with topology.open("rb") as handle:
        found = re.search(rb"^Atoms\s*#\s*(\w+)", handle.read(2**16), re.MULTILINE)
    return None if found is None else _STYLES.get(found[1].decode())


def _labels(universe: Any, path: Path, topology: Path | None, elements: tuple[str, ...]) -> tuple[str, ...]:
    """Elements of the atoms; or else their types; or else their names."""
    if elements and hasattr(universe.atoms, "types"):
        return mapped_types(topology or path, [str(each) for each in universe.atoms.types], elements)
    if elements:
        raise InputError(
            f"{topology or path}: no types of atoms, which --elements needs; leave --elements out"
        )
    for name in ("elements", "types", "names"):
        found = tuple(str(each) for each in getattr(universe.atoms, name, ()))
        if found and all(found):
            return found
    raise InputError(
        f"{topology or path}: nothing says which atoms are ions. Name a file that does by --topology: "
        "a LAMMPS data file, PDB, GRO or what else MDAnalysis reads."
    )


def _dcd_steps(path: Path) -> tuple[int, int]:
    """First step and steps between frames after the head of a DCD file, whose times have no known unit."""
    from MDAnalysis.lib.formats.libdcd import DCDFile

    with DCDFile(str(path)) as handle:
        return int(handle.header["istart"]), int(handle.header["nsavc"])


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What goes wrong in another package is said with the file's name."""
    try:
        yield
    except AtomStatesError:
        raise
    except (OSError, EOFError, ValueError, TypeError, LookupError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__}: {error})") from error
