"""The edge of the player of paths: the hops that the table of profiles lists, as films."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from atomstates.barriers.splitting import Chain
from atomstates.barriers.storage import read_outcome
from atomstates.campaign import MaterialFolder
from atomstates.potentials.crystal import Crystal, read_crystal
from atomstates.report.contents import MaterialContents
from atomstates.report.interactive.panel import Panel
from atomstates.report.interactive.path import IonPath, path_panel
from atomstates.report.profile_pictures import FollowedHop, dashed, followed_hops, listed_hops


def hops_panel(
    folder: MaterialFolder, material: MaterialContents, colours: Mapping[str, str]
) -> Panel | None:
    """Paths of the listed hops; None while the barriers are not those of today's settings."""
    if not (folder.is_done("barriers") and all(run.is_done("barriers") for run in folder.runs)):
        return None
    followed = [
        (hop, chain)
        for hop in listed_hops(followed_hops(material))
        if (chain := _replicas(folder.results.path, hop)) is not None
    ]
    if not followed:
        return None
    potentials = folder.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    paths = [_path(hop, chain, crystal, material.cation) for hop, chain in followed]
    title = f"Hops of {material.mobile} along their minimum-energy paths"
    return path_panel(title, paths, folder.material.anions, colours)


def _replicas(results: Path, hop: FollowedHop) -> Chain | None:
    """What the engine kept of a hop, or None where that is not there any more."""
    found = read_outcome((results / hop.folder / hop.entry["xyz"]).with_suffix(".h5"))
    return found if isinstance(found, Chain) else None


def _path(hop: FollowedHop, chain: Chain, crystal: Crystal, cation: str) -> IonPath:
    """A hop in the direction in which it was seen."""
    entry, whole = hop.entry, chain.whole
    origin = "ordered crystal" if hop.temperature is None else f"{hop.temperature:g} K"
    shared = " to ".join(str(number) for number in entry["edge_sharing"])
    return IonPath(
        name=f"{dashed(entry.get('path') or entry['class'])}, {origin}, {shared} edge-sharing {cation}",
        frames=whole.positions,
        elements=crystal.element.tolist(),
        cell=whole.cell,
        energies=whole.energy,
        ion=int(np.flatnonzero(crystal.id == entry["ions"][0])[0]),
    )
