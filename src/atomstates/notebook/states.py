"""Every state of a material as a table."""

from pathlib import Path

import numpy as np
import pandas as pd

from atomstates.campaign.layout import Results
from atomstates.doas.sites import SITES
from atomstates.doas.states import read_states_file
from atomstates.notebook.gathering import chosen, refuse_nothing
from atomstates.products import read_json

_DISTANCES = ("anion_distance", "cation_distance", "ion_distance")
_NUMBERS = ("edge_sharing_ions", "face_sharing_ions", "vacant_octahedra", "vacant_tetrahedra")


def all_states(results: Results, material: str | None) -> pd.DataFrame:
    """The states of all runs of all materials, or of one."""
    tables = []
    for folder in chosen(results, material):
        if not (found := folder.stage_path("doas") / "doas.json").exists():
            continue
        lowest = float(read_json(found)["reference_energy_eV"])
        for run in folder.runs:
            table = states_table(run.stage_path("doas") / "states.h5", run.id, lowest)
            table.insert(0, "material", folder.name)
            tables.append(table)
    refuse_nothing(results, tables, "doas")
    return pd.concat(tables, ignore_index=True)


def states_table(path: Path, run: str, reference_energy: float) -> pd.DataFrame:
    """The states of one run: a row for each mobile ion in each relaxed snapshot.

    Parameters
    ----------
    path
        ``states.h5`` of the run.
    run
        Its name.
    reference_energy
        Lowest state of the material over all temperatures, eV: ``energy_eV`` is above it.

    Raises
    ------
    ProductError
        The product is missing or not what was expected.
    """
    states = read_states_file(path)
    columns = {
        "run": run,
        "temperature_K": states.temperature,
        "step": states.snapshot_step[states.snapshot],
        "ion": states.ion,
        "energy_eV": states.energy - reference_energy,
        "site": np.array(SITES)[states.site],
        "edge_sharing": states.edge_sharing,
        "face_sharing": states.face_sharing,
        "clarity": states.clarity,
        "site_key": states.site_key,
    }
    for k, element in enumerate(states.anion_species):
        columns[f"n_{element}"] = states.around.anion_numbers[:, k]
    columns |= {name: getattr(states.around, name) for name in _NUMBERS}
    columns |= {f"{name}_A": getattr(states.around, name) for name in _DISTANCES}
    return pd.DataFrame(columns)
