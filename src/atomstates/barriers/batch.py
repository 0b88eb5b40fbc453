"""Many paths over ranks: each loads the potential once, finished ones are kept, packing leaves no trace."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from atomstates.barriers.band import bumps, initial_band
from atomstates.barriers.endpoints import Occupation, end_points
from atomstates.barriers.landscape import LammpsLandscape, Landscape, PotentialFiles
from atomstates.barriers.neb import NebSettings, nudged_elastic_band, verdict
from atomstates.barriers.profile import Failure, Profile
from atomstates.barriers.splitting import Chain, chain
from atomstates.barriers.storage import Outcome, read_outcome, write_outcome
from atomstates.parallel import Communicator
from atomstates.products import file_hash, fingerprint

FloatArray = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Ends:
    """One path to be found: unrelaxed ends, and ways between them."""

    name: str
    """Of the file that keeps what was found; unique in a folder."""
    start: FloatArray
    """(N, 3) Å, in the order of the ids of the data file."""
    end: FloatArray
    """(N, 3) Å, in any images."""
    cell: FloatArray
    """(3, 3) Å, vectors as rows, LAMMPS' frame."""
    vias: tuple[FloatArray, ...] | None = None
    """Points (N, 3) to pass, one for each way to try; found by ``bumps`` when None. Without any the way
    is straight."""
    occupation: Occupation | None = None
    """Says whether the relaxed ends have the sites filled that they shall have."""
    wanted: str = ""
    """What ``occupation`` asks for: another text is another path, to be done anew."""
    n_replicas: int | None = None
    """Ends included; as many as fit to the length when None."""


@dataclass(frozen=True)
class Band:
    """One first band between minima."""

    name: str
    positions: FloatArray
    """(R, N, 3) Å"""
    cell: FloatArray
    """(3, 3) Å"""


def minimum_energy_paths(
    paths: Sequence[Ends], files: PotentialFiles, settings: NebSettings, folder: Path, comm: Communicator
) -> list[Chain | Failure]:
    """Relax the ends, try every way, cut where there are several barriers, and take the lowest.

    Parameters
    ----------
    paths
        What to find; names are unique.
    files
        Crystal and potential; all paths have the crystal's atoms.
    settings
        Tolerances and steps.
    folder
        Takes ``NAME.h5`` for each path as soon as it is found, and logs. Paths that lie there, of the
        same input, settings and potential, are not done again.
    comm
        Ranks. More ranks than paths work in groups on one path, each on some of its replicas; otherwise
        a rank that is free takes the next path. Neither changes a result beyond the noise of the potential.

    Returns
    -------
    list of Chain or Failure
        In order of ``paths``, on every rank.
    """
    digests = [
        _digest(settings, files, path.start, path.end, path.cell, *(path.vias or ()))
        + fingerprint(path.vias is None, path.wanted, path.n_replicas)
        for path in paths
    ]
    found = _done(
        [path.name for path in paths],
        digests,
        lambda landscape, i: minimum_energy_path(landscape, paths[i], settings),
        files,
        settings,
        folder,
        comm,
    )
    return [one for one in found if not isinstance(one, Profile)]


def nudged_elastic_bands(
    bands: Sequence[Band], files: PotentialFiles, settings: NebSettings, folder: Path, comm: Communicator
) -> list[Profile | Failure]:
    """Relax many bands whose ends are minima; parameters as of ``minimum_energy_paths``.

    Returns
    -------
    list of Profile or Failure
        In order of ``bands``, on every rank.
    """
    found = _done(
        [band.name for band in bands],
        [_digest(settings, files, band.positions, band.cell) for band in bands],
        lambda landscape, i: verdict(
            nudged_elastic_band(landscape, bands[i].positions, bands[i].cell, settings), settings
        ),
        files,
        settings,
        folder,
        comm,
    )
    return [one for one in found if not isinstance(one, Chain)]


def minimum_energy_path(landscape: Landscape, path: Ends, settings: NebSettings) -> Chain | Failure:
    """One path: relaxed ends, the lowest of its ways, cut where there are several barriers."""
    ends = end_points(landscape, path.start, path.end, path.cell, settings, path.occupation)
    if isinstance(ends, Failure):
        return ends
    start, end = ends.start.positions, ends.end.positions
    vias = bumps(start, end, path.cell) if path.vias is None else path.vias
    found = [
        chain(landscape, initial_band(start, end, path.cell, path.n_replicas, via), path.cell, settings)
        for via in (vias or (None,))
    ]
    barriers = tuple(np.nan if isinstance(one, Failure) else one.barrier_forward for one in found)
    usable = [one for one in found if isinstance(one, Chain)]
    if not usable:
        return found[0]
    lowest = min(usable, key=lambda one: one.barrier_forward)
    return Chain(lowest.pieces, barriers)


def _digest(settings: NebSettings, files: PotentialFiles, *arrays: FloatArray) -> str:
    """Tells inputs apart: settings, all files of the potential that LAMMPS reads, and positions."""
    content = hashlib.sha256()
    for array in arrays:
        # what differs by rounding is the same
        content.update(np.round(array, 9).astype(np.float64).tobytes())
    models = sorted(path for path in files.potential_folder.iterdir() if _is_read(path))
    hashes = [(path.name, file_hash(path)) for path in models]
    return fingerprint(asdict(settings), hashes, file_hash(files.structure), content.hexdigest())


def _is_read(path: Path) -> bool:
    """Whether LAMMPS reads a file of the potential: no record and no log."""
    return path.is_file() and path.suffix not in (".json", ".log", ".csv", ".out")


def _done(
    names: list[str],
    digests: list[str],
    work: Callable[[Landscape, int], Outcome],
    files: PotentialFiles,
    settings: NebSettings,
    folder: Path,
    comm: Communicator,
) -> list[Outcome]:
    """All outcomes, those on disk read, the others made by ranks or groups of ranks."""
    if len(set(names)) < len(names):
        raise ValueError("two paths of a folder have the same name")
    places = [folder / f"{name}.h5" for name in names]
    kept = [read_outcome(place, digest) for place, digest in zip(places, digests, strict=True)]
    # all ranks must see the same, before the first of them writes more
    left = comm.from_first([i for i, one in enumerate(kept) if one is None])
    group = comm.group(max(1, comm.size // max(1, len(left))))
    own: dict[int, Outcome] = {}
    if left:
        log = folder / f"log.rank-{comm.rank}"
        with LammpsLandscape(
            files,
            log,
            force_tolerance=settings.end_force_tolerance,
            most_steps=settings.end_steps,
            group=group,
        ) as landscape:
            for i in _dealt(left, comm, group):
                outcome = work(landscape, i)
                if group.rank == 0:
                    write_outcome(places[i], outcome, digests[i])
                    own[i] = outcome
    comm.barrier()  # a long path keeps others waiting, and they should leave it their cores
    made = {i: one for part in comm.gathered(own) for i, one in part.items()}
    return [one for i in range(len(names)) if (one := made.get(i, kept[i])) is not None]


def _dealt(left: Sequence[T], comm: Communicator, group: Communicator) -> Iterator[T]:
    """What this rank takes part in."""
    if group.size == 1 and comm.size <= len(left):
        yield from (left[k] for k in comm.dealt(len(left)))
        return
    # as many ranks as paths or more: a group has one path at most
    number = comm.rank // (comm.size // len(left))
    if number < len(left):
        yield left[number]
