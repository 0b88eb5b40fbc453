"""The ``structures`` stage: symmetry-distinct orderings of the crystal, lowest electrostatics first."""

import numpy as np
from pymatgen.core.structure import Structure

from atomstates.campaign import MaterialFolder
from atomstates.campaign.schema import Material
from atomstates.errors import InputError
from atomstates.parallel import Communicator
from atomstates.products import Measured, Summary, provenance, write_json
from atomstates.structures.candidates import Candidate, write_candidates_file
from atomstates.structures.channels import channel_order
from atomstates.structures.crystal import average_structure, crystal_elements
from atomstates.structures.ordering import Orderings, orderings
from atomstates.structures.substitution import substituted
from atomstates.structures.symmetry import Symmetry, average_symmetry

CANDIDATES = "candidates.json"
STRUCTURES = "structures.json"


def write_candidates(place: MaterialFolder, comm: Communicator) -> Summary:
    """List the orderings of a material and write ``candidates.json`` and ``structures.json``.

    Raises
    ------
    InputError
        The crystal, its composition, its supercell or its substitution makes no sense.
    """
    return comm.from_first(_written(place) if comm.rank == 0 else Summary())


def material_elements(structure: Structure, material: Material) -> tuple[str, ...]:
    """Elements in type order: as they appear in the crystal, then those substituted in."""
    return tuple(dict.fromkeys((*crystal_elements(structure), *(s.by for s in material.substitution))))


def candidate_order(candidate: Candidate, material: Material) -> float | None:
    """Channel order of a candidate, where the material has channels."""
    if material.channels is None:
        return None
    cell, multiples = candidate.cell, np.array(material.ordering.cell)
    positions = cell.of_element(material.mobile) * multiples
    lattice = cell.lattice / multiples[:, None]
    return float(channel_order(positions, material.channels, int(multiples.prod()), lattice))


def _written(place: MaterialFolder) -> Summary:
    """The stage on rank 0."""
    material, folder = place.material, place.stage_path("structures")
    structure = average_structure(material.crystal, place.files.get("cif"))
    elements = material_elements(structure, material)
    _refuse_nonsense(material, elements)
    found = orderings(
        structure, material.charges, material.ordering, np.random.default_rng(place.campaign.seed)
    )
    # A substitution that cannot be done is said here, before anything is computed.
    substituted(found.candidates[0].cell.repeated(_repeats(material)), material.substitution, 0)
    group = average_symmetry(structure)
    write_candidates_file(folder / CANDIDATES, found.candidates, elements)
    write_json(folder / STRUCTURES, _report(found, material, group, place.campaign.seed))
    lowest = found.candidates[0]
    return Summary(
        numbers={
            "distinct_orderings": Measured(float(found.n_distinct), None, "", found.n_looked_at),
            "candidates": Measured(float(len(found.candidates)), None, "", found.n_distinct),
        },
        facts={
            "space_group": group.symbol,
            "possible_orderings": found.n_possible,
            "enumerated": found.n_looked_at == found.n_possible,
            "composition": {e: lowest.cell.elements.count(e) for e in dict.fromkeys(lowest.cell.elements)},
        },
    )


def _repeats(material: Material) -> tuple[int, ...]:
    """How often the ordering cell fits into the supercell along each vector."""
    if any(whole % part for whole, part in zip(material.supercell, material.ordering.cell, strict=True)):
        raise InputError(
            f"material {material.name!r}: supercell {list(material.supercell)} is no multiple of "
            f"ordering.cell {list(material.ordering.cell)}: the ordered cell must fit into it a whole "
            "number of times"
        )
    return tuple(w // p for w, p in zip(material.supercell, material.ordering.cell, strict=True))


def _refuse_nonsense(material: Material, elements: tuple[str, ...]) -> None:
    """Elements that other keys name must be in the crystal."""
    for key, named in (("mobile", (material.mobile,)), ("anions", material.anions)):
        for element in named:
            if element not in elements:
                raise InputError(
                    f"material {material.name!r}: {key} names {element!r}, which is not in the crystal; "
                    f"there are: {', '.join(elements)}"
                )
    _repeats(material)


def _report(found: Orderings, material: Material, group: Symmetry, seed: int) -> dict[str, object]:
    """Content of ``structures.json``."""
    lowest = found.candidates[0].electrostatic_energy
    return {
        "material": material.name,
        "space_group": {"symbol": group.symbol, "number": group.number},
        "crystal_system": group.system,
        "ordering_cell": material.ordering.cell,
        "possible_orderings": found.n_possible,
        "looked_at": found.n_looked_at,
        "enumerated": found.n_looked_at == found.n_possible,
        "distinct_orderings": found.n_distinct,
        "seed": seed,
        "candidates": [
            {
                "rank": rank,
                "degeneracy": candidate.degeneracy,
                "electrostatic_energy_eV": candidate.electrostatic_energy,
                "above_lowest_eV": candidate.electrostatic_energy - lowest,
                "channel_order": candidate_order(candidate, material),
            }
            for rank, candidate in enumerate(found.candidates, start=1)
        ],
        "provenance": provenance(),
    }
