"""A small Li3YCl6 under several models: the shipped one, another gauge of it, and a different one."""

from pathlib import Path

import yaml
from model_variants import with_other_weights, with_other_zeros

from atomstates.campaign import Results
from atomstates.campaign.layout import lay_out
from atomstates.parallel import Serial
from atomstates.resources import workflow_folder
from atomstates.stages import perform, places, stage_named

GAUGE = {"Li": 0.5, "Y": -0.7, "Cl": 0.1}
"""eV by which the atoms of each element are shifted in the second model."""
_PART = 3.0
CAMPAIGN = {
    "name": "models",
    "materials": ["small.yaml"],
    "temperatures_K": [900],
    "md": {
        "equilibrate_ps": 0.2,
        "produce_ps": 0.8,
        "frame_every_ps": 0.02,
        "snapshot_every_ps": 0.2,
        "restart_every_ps": 0.4,
    },
    "doas": {"block_snapshots": 1, "bootstrap_samples": 40},
}


def models(folder: Path) -> list[str]:
    """The shipped model, one of another gauge, and one with other forces."""
    folder.mkdir(parents=True, exist_ok=True)
    gauge = with_other_zeros(folder / "gauge.pb", GAUGE)
    other = with_other_weights(folder / "other.pb", _PART)
    return ["shipped:li-y-cl-br", str(gauge.resolve()), str(other.resolve())]


def laid_out(folder: Path, models: list[str], **md: float) -> Results:
    """The campaign of 30 atoms with these models."""
    material = yaml.safe_load((workflow_folder() / "materials" / "li3ycl6-p3m1.yaml").read_text())
    material |= {"name": "small", "supercell": [1, 1, 1], "potential": {"deepmd": {"models": models}}}
    material["ordering"] = {"cell": [1, 1, 1], "candidates": 1}
    (folder / "small.yaml").write_text(yaml.safe_dump(material))
    campaign = {**CAMPAIGN, "md": {**CAMPAIGN["md"], **md}}
    (folder / "campaign.yaml").write_text(yaml.safe_dump(campaign))
    return lay_out(folder / "campaign.yaml", folder / "results")


def done(results: Results, *stages: tuple[str, str]) -> dict[str, bool]:
    """Do these stages at all places; whether there was something to do at each."""
    return {
        f"{name} {getattr(place, 'id', None) or place.name}": perform(stage, place, Serial())
        for name, level in stages
        for stage in [stage_named(name, level)]
        for place in places(stage, results)
    }
