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
    potentials = folder.stage_path("potentials")
    crystal = read_crystal(potentials / "structure.data", potentials / "structure.json")
    listed = listed_hops(followed_hops(material))
    found = [_path(folder.results.path, hop, crystal, material.cation) for hop in listed]
    paths = [path for path in found if path is not None]
    if not paths:
        return None
    title = f"Hops of {material.mobile} along their minimum-energy paths"
    return path_panel(title, paths, folder.material.anions, colours)


def _path(results: Path, hop: FollowedHop, crystal: Crystal, cation: str) -> IonPath | None:
    """A hop in the direction in which it was seen, or None where its replicas are not there any more."""
    entry = hop.entry
    chain = read_outcome((results / hop.folder / entry["xyz"]).with_suffix(".h5"))
    if not isinstance(chain, Chain):
        return None
    whole = chain.whole
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
