"""What the keys of campaigns and materials mean, for editors and for the files that `init` writes.

A key whose meaning needs more than a line has it as a docstring in ``schema.py``; the others stand here, by
the class of their section. Every key has one or the other.
"""

from functools import cache
from typing import Any

from atomstates.campaign.schema import Campaign, Material, Settings

_MEANINGS: dict[str, dict[str, str]] = {
    "Campaign": {
        "name": "Name of the campaign; its results go to results/NAME.",
        "title": "Title of the report.",
        "seed": "All random numbers derive from it and from the name of the run.",
        "temperatures_K": "Temperatures of the runs; three are needed for an activation energy.",
        "replicas": "Runs at each temperature, which differ by their first velocities.",
        "md": "Molecular dynamics.",
        "minimize": "Relaxation of snapshots to inherent structures.",
        "doas": "Density of atomistic states.",
        "barriers": "Hops and their barriers, by nudged elastic bands.",
        "transport": "Diffusivity, conductivity, Arrhenius line and density maps.",
    },
    "MolecularDynamics": {
        "timestep_fs": "Step of the integrator; 2 fs for Li, less for H.",
        "equilibrate_ps": "Dynamics before anything is recorded.",
        "produce_ps": "Recorded dynamics. Made longer, done runs go on from where they ended.",
        "frame_every_ps": "Interval of the positions for displacements.",
        "thermo_every_ps": "Interval of temperature, energy and pressure.",
        "restart_every_ps": "Interval of restart files: a killed run loses at most this much.",
        "thermostat_damping_ps": "Relaxation time of the Nosé–Hoover thermostat.",
        "barostat_damping_ps": "Relaxation time of the barostat (`mean-npt`).",
    },
    "Minimize": {
        "force_tolerance_eV_per_A": "Largest force that is left on an atom.",
        "most_steps": "Steps of the minimiser at most; snapshots that need more are left out and counted.",
        "style": "Minimiser of LAMMPS.",
    },
    "Doas": {
        "bin_width_eV": "Width of the bins; a new one repeats doas and report only.",
        "bootstrap_samples": "Draws of the bootstrap that gives the errors.",
    },
    "Transport": {
        "longest_lag_fraction": "Longest lag as a fraction of the run: few windows are left beyond.",
        "extrapolate_K": "Temperature at which the conductivity is wanted.",
    },
    "Material": {
        "name": "Name of the material; it stands in the names of its runs.",
        "title": "Name for people, in figures and the report.",
        "source": "Where the crystal comes from.",
        "crystal": "A CIF file, or space group, lattice and sites.",
        "mobile": "Element of the mobile ion.",
        "anions": "Elements of the anions: their polyhedra are the sites of the mobile ion.",
        "ordering": "How partial occupancies become an ordered cell.",
        "substitution": "Shares of elements that are replaced by others at random.",
        "channels": "Columns of sites whose staggered filling is the order parameter; leave out if none.",
        "potential": "Exactly one of deepmd and lammps.",
    },
    "Crystal": {
        "cif": "CIF file, relative to this file; partial occupancies are read.",
        "space_group": "International number of the space group.",
        "lattice_A": "Lengths a, b, c of the conventional cell.",
        "angles_deg": "Angles alpha, beta, gamma.",
        "sites": "Wyckoff positions, each by one representative.",
    },
    "CrystalSite": {
        "label": "Name of the site, as Li1.",
        "element": "Chemical symbol.",
        "position": "Fractional position of one representative.",
        "occupancy": "Occupied share of the site.",
    },
    "Substitution": {
        "replace": "Element that is replaced.",
        "by": "Element that takes its place.",
        "fraction": "Share of its atoms; it must be a whole number of atoms of the supercell.",
        "seed": "Seed of the draw, beside the campaign's.",
    },
    "Channels": {
        "a": "Fractional positions in the plane of the columns of the first family.",
        "b": "The same of the second family.",
    },
    "Potential": {
        "deepmd": "DeePMD models.",
        "lammps": "Any pair style of LAMMPS.",
    },
    "LammpsPotential": {
        "pair_style": "Arguments of pair_style.",
        "atom_style": "charge where the pair style needs charges.",
    },
}


def meaning(section: type[Settings], key: str) -> str:
    """What a key of a section means, in a sentence or two on one line."""
    said = section.model_fields[key].description or _MEANINGS.get(section.__name__, {}).get(key, "")
    return " ".join(said.split())


@cache
def schema(kind: str) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a ``campaign`` or a ``material``, with the meaning of every key."""
    kinds: dict[str, type[Settings]] = {"campaign": Campaign, "material": Material}
    settings = kinds[kind]
    content = settings.model_json_schema()
    for name, section in {settings.__name__: content, **content.get("$defs", {})}.items():
        section["description"] = _first_line(section.get("description", ""))
        for key, entry in section.get("properties", {}).items():
            if said := entry.get("description") or _MEANINGS.get(name, {}).get(key):
                entry["description"] = " ".join(said.split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **content,
        "title": f"atomstates {kind}",
    }


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].replace("``", "")
