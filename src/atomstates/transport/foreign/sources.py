"""Trajectories of all formats, found out by content or name, as pieces of one kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from atomstates.errors import InputError
from atomstates.lammps.text_dump import COORDINATES, IMAGE_FLAGS, DumpFrames, dump_frames
from atomstates.lammps.text_frames import opened
from atomstates.transport.foreign.formats import ase_frames, mdanalysis_frames
from atomstates.transport.foreign.pieces import Frame, Piece, joined, mapped_types
from atomstates.transport.foreign.xdatcar import xdatcar_frames

LAMMPS_DUMP, XDATCAR, ASE = "lammps-dump", "xdatcar", "ase"

_PACKED = (".gz", ".bz2", ".zst")


@dataclass(frozen=True)
class Source:
    """Files of one trajectory, in their order, and how they are to be read.

    Attributes
    ----------
    paths
        At least one.
    topology
        A file that names the atoms where the trajectory does not.
    form
        ``lammps-dump``, ``xdatcar``, ``ase`` or a format as MDAnalysis names it; None to find it out.
    elements
        Those of the types 1, 2, ... where the files have types; empty otherwise.
    """

    paths: tuple[Path, ...]
    topology: Path | None = None
    form: str | None = None
    elements: tuple[str, ...] = ()


def pieces(source: Source, path: Path) -> Iterator[Piece]:
    """One file of a source, piece by piece.

    Raises
    ------
    InputError
        The file or its format is unknown, a package that reads it or a column is missing.
    ProductError
        The file is damaged.
    """
    form = source.form or known_form(path)
    if form == LAMMPS_DUMP:
        return _dump_pieces(path, source.elements)
    if form == XDATCAR:
        frames = (
            Frame(elements, positions, cell, "fractional positions")
            for elements, positions, cell in xdatcar_frames(path)
        )
        return joined(frames)
    if form == ASE:
        return joined(ase_frames(path))
    return joined(mdanalysis_frames(path, source.topology, form, source.elements))


def known_form(path: Path) -> str | None:
    """The format where content or name tell it; None for those that MDAnalysis knows by the suffix.

    Raises
    ------
    InputError
        There is no such file.
    """
    try:
        with opened(path) as stream:
            head = stream.read(4096)
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: no trajectory that can be read ({error})") from error
    bare = path.name.removesuffix(path.suffix) if path.suffix in _PACKED else path.name
    if head.startswith(b"ITEM: "):
        return LAMMPS_DUMP
    if "XDATCAR" in bare or b"\nDirect configuration" in head:
        return XDATCAR
    described = bare.endswith(".xyz") and b"Properties=" in head
    return ASE if described or bare.endswith((".extxyz", ".traj")) else None


def _dump_pieces(path: Path, elements: tuple[str, ...]) -> Iterator[Piece]:
    """A text dump of LAMMPS, from the best of its columns."""
    wanted = {"element", "type", "mass", *IMAGE_FLAGS, *(name for names in COORDINATES for name in names)}
    for frames in dump_frames(path, wanted):
        if odd := [word for word in frames.boundary if set(word) - set("pf")]:
            raise InputError(
                f"{path}: the boundary {odd[0]} moves with the atoms; periodic (pp) or fixed (ff) "
                "ones are needed"
            )
        x, y, z = (word == "pp" for word in frames.boundary)
        unwrapped = "the file itself" if frames.is_unwrapped else ""
        if frames.image_flags:
            unwrapped = f"image flags {' '.join(frames.image_flags)}"
        masses = frames.values.get("mass")
        yield Piece(
            _dump_labels(path, frames, elements),
            None if masses is None else masses[0],
            frames.fractional,
            frames.cell,
            (x, y, z),
            frames.step,
            frames.time,
            f"columns {' '.join(frames.coordinates)}",
            unwrapped,
        )


def _dump_labels(path: Path, frames: DumpFrames, elements: tuple[str, ...]) -> tuple[str, ...]:
    """Elements of the atoms, or their types where nothing else is known."""
    if elements and "type" not in frames.labels:
        raise InputError(f"{path}: no column `type`, which --elements needs; leave --elements out")
    if elements:
        return mapped_types(path, frames.labels["type"], elements)
    for name in ("element", "type"):
        if name in frames.labels:
            return frames.labels[name]
    raise InputError(
        f"{path}: no column `element` and no column `type` says which atoms are ions; "
        "write the dump with one of them"
    )
