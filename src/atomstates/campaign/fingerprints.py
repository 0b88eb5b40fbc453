"""Which settings each stage depends on: equal fingerprints mean that a done stage still holds.

A fingerprint covers the stage's own settings and the fingerprints of the stages before it,
so a new bin width changes ``doas`` and ``report`` and leaves the molecular dynamics alone.
"""

from typing import Any

from atomstates.campaign.schema import Campaign, Material
from atomstates.products import fingerprint


def structures_fingerprint(campaign: Campaign, material: Material, files: dict[str, str]) -> str:
    """``structures`` of a material; ``files`` maps names to hashes of the CIF and models."""
    return fingerprint(
        # Of a CIF, types are in the order of the file's loop of atoms.
        "structures" if "cif" not in files else "structures, order of the file",
        _kept(material, "crystal", "mobile", "anions", "charges", "supercell", "ordering"),
        _kept(material, "substitution"),
        files.get("cif"),
        campaign.seed,
    )


def potentials_fingerprint(campaign: Campaign, material: Material, files: dict[str, str]) -> str:
    """``potentials`` of a material: which model, which ordering it prefers, which cell."""
    return fingerprint(
        "potentials",
        structures_fingerprint(campaign, material, files),
        {name: digest for name, digest in files.items() if name != "cif"},
        _kept(material, "potential", "channels"),
        campaign.md.cell == "given",
    )


def trajectory_fingerprint(
    campaign: Campaign, material: Material, files: dict[str, str], temperature: float, replica: int
) -> str:
    """What makes a trajectory another trajectory; a longer run is the same one, continued.

    Only the first model drives, so further ones make no other trajectory.
    """
    left_out = {"produce_ps", "restart_every_ps", "deviation_threshold_eV_per_A"}
    settings = campaign.md.model_dump(exclude=left_out)
    return fingerprint(
        "trajectory",
        potentials_fingerprint(campaign, *_driving(material, files)),
        settings,
        temperature,
        replica,
        campaign.seed,
    )


def md_fingerprint(
    campaign: Campaign, material: Material, files: dict[str, str], temperature: float, replica: int
) -> str:
    """``md`` of a run: the trajectory, how long it is, and which models are compared along it."""
    trajectory = trajectory_fingerprint(campaign, material, files, temperature, replica)
    compared = []
    if material.potential.n_models > 1:
        whole = potentials_fingerprint(campaign, material, files)
        compared = ["deviation", whole, campaign.md.deviation_threshold_eV_per_A]
    return fingerprint("md", trajectory, campaign.md.produce_ps, *compared)


def minimize_fingerprint(md: str, campaign: Campaign) -> str:
    """``minimize`` of a run."""
    return fingerprint("minimize, potential", md, campaign.minimize)


def run_doas_fingerprint(minimize: str, material: Material) -> str:
    """``doas`` of a run: the states with their surroundings, and the distances to neighbours."""
    return fingerprint(
        "states, surroundings, distances, site order, potential",
        minimize,
        _kept(material, "mobile", "anions", "channels"),
    )


def material_doas_fingerprint(runs: list[str], campaign: Campaign) -> str:
    """``doas`` of a material: histograms, disorder and transitions over all temperatures."""
    return fingerprint(
        "doas, transitions, sublattice, zero, onsets", sorted(runs), campaign.doas, campaign.seed
    )


def run_transport_fingerprint(md: str, campaign: Campaign, material: Material) -> str:
    """``transport`` of a run: displacements, diffusivity, conductivity."""
    settings = campaign.transport.model_dump(exclude={"extrapolate_K"})
    return fingerprint("diffusion", md, settings, _kept(material, "hop_length_A", "mobile", "charges"))


def material_transport_fingerprint(runs: list[str], campaign: Campaign) -> str:
    """``transport`` of a material: Arrhenius."""
    return fingerprint("arrhenius", sorted(runs), campaign.transport, campaign.seed)


def run_barriers_fingerprint(minimize: str, campaign: Campaign, material: Material) -> str:
    """``barriers`` of a run: which hops are followed, and how."""
    kept = {"hops_per_class", "reach_A", "force_tolerance_eV_per_A", "most_steps"}
    settings = campaign.barriers.model_dump(include=kept)
    return fingerprint("hops", minimize, settings, _kept(material, "mobile", "anions"), campaign.seed)


def ordered_barriers_fingerprint(potentials: str, campaign: Campaign) -> str:
    """The part of ``barriers`` of a material that is known from its crystal and potential alone."""
    kept = {"ordered_hops_per_class", "separated_pairs", "force_tolerance_eV_per_A", "most_steps"}
    settings = campaign.barriers.model_dump(include=kept)
    return fingerprint("ordered hops", potentials, settings, campaign.minimize)


def material_barriers_fingerprint(before: list[str], ordered: str, campaign: Campaign) -> str:
    """``barriers`` of a material: its ordered crystal, and distributions of the hops of all runs."""
    return fingerprint("barriers", sorted(before), ordered, campaign.barriers, campaign.seed)


def report_fingerprint(stages: list[str], campaign: Campaign, materials: list[Material]) -> str:
    """``report`` of the campaign."""
    titles = [(material.name, material.title, material.source) for material in materials]
    return fingerprint("report, panels", sorted(stages), campaign.title, campaign.name, titles)


def _driving(material: Material, files: dict[str, str]) -> tuple[Material, dict[str, str]]:
    """The material and its files as if the first model were the only one."""
    deepmd = material.potential.deepmd
    if deepmd is None:
        return material, files
    first = deepmd.model_copy(update={"models": deepmd.models[:1]})
    potential = material.potential.model_copy(update={"deepmd": first})
    further = {f"model-{number}" for number in range(1, len(deepmd.models))}
    own = {name: digest for name, digest in files.items() if name not in further}
    return material.model_copy(update={"potential": potential}), own


def _kept(settings: Material, *names: str) -> dict[str, Any]:
    """The named settings as plain data."""
    return settings.model_dump(mode="json", include=set(names))
