"""A whole campaign: everything that is wrong with it at once, and its estimate."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atomstates.campaign.layout import lay_out
from atomstates.campaign.reading import (
    campaign_file,
    read_campaign,
    read_campaign_material,
    refuse_unknown_supercells,
)
from atomstates.campaign.schema import Campaign
from atomstates.check.benchmark import Benchmark, measured
from atomstates.check.estimate import Disk, Time, disk, time
from atomstates.check.material import examine_width, examined
from atomstates.check.settings import settings_checks
from atomstates.check.verdicts import Examined
from atomstates.errors import AtomStatesError, ProgramError
from atomstates.lammps.running import found_command
from atomstates.md.plan import Plan
from atomstates.products import Check
from atomstates.slurm.probe import gpus


@dataclass
class MaterialEstimate:
    """What one material costs; times are None where none were measured."""

    material: str
    n_atoms: int
    n_runs: int
    disk: Disk
    time: Time | None = None
    benchmark: Benchmark | None = None


@dataclass
class Examination:
    """The verdicts on a campaign, and what it would cost."""

    campaign: str
    results: Path | None = None
    checks: list[Check] = field(default_factory=list)
    estimates: list[MaterialEstimate] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something must be mended before the campaign can run."""
        return any(check.status == "FAIL" for check in self.checks)

    def attempt(self, name: str, action: Callable[[], Any]) -> Any:
        """What an action returns; None, and a verdict, where it refuses."""
        try:
            return action()
        except AtomStatesError as error:
            head, *lines = str(error).splitlines()
            # a file with several problems has a line for each below its name
            each = (
                [f"{head} {line.strip()}" for line in lines]
                if head.endswith(":") and lines
                else [str(error)]
            )
            self.checks += [Check(name, "FAIL", words) for words in each]
            return None


def examination(
    path: Path, results: Path | None, *, timing: bool, tell: Callable[[str], None] = lambda _: None
) -> Examination:
    """Look at a campaign, its materials and its results folder; with ``timing`` run each potential.

    Parameters
    ----------
    path
        YAML file of the campaign, or the name of a shipped one.
    results
        Results folder (``results/NAME`` when None).
    timing
        Whether to measure how fast the potentials are.
    tell
        Is told what is being done.
    """
    found = Examination(str(path))
    campaign = found.attempt("campaign", lambda: read_campaign(path))
    if campaign is None:
        return found
    checks, steps = settings_checks(campaign)
    found.checks += checks
    materials = _materials(found, campaign, campaign_file(path).parent, tell)
    found.results = results or Path("results") / campaign.name
    if not found.failed:
        found.attempt("results", lambda: lay_out(path, found.results, store=False))
    runs_here = _look_for_lammps(found, campaign) if timing else False
    for material in materials:
        if steps is not None and material.cell is not None:
            found.estimates.append(_estimate(found, material, campaign, steps, tell, runs_here))
    _look_at_disk(found)
    return found


def _materials(
    found: Examination, campaign: Campaign, beside: Path, tell: Callable[[str], None]
) -> list[Examined]:
    materials: list[Examined] = []
    for name in campaign.materials:
        tell(f"looking at {name}")
        read = found.attempt(
            f"material {name}",
            lambda name=name: read_campaign_material(campaign, name, beside),  # type: ignore[misc]  # no lambda has types
        )
        if read is None:
            continue
        if read[0].name in {other.material.name for other in materials}:
            words = f"two of the materials are named {read[0].name!r}"
            found.checks.append(Check("materials", "FAIL", words))
            continue
        material, file = read
        materials.append(examined(material, file, campaign))
        found.checks += materials[-1].checks
    if len(materials) == len(campaign.materials):
        names = [each.material.name for each in materials]
        found.attempt(
            "supercells", lambda: refuse_unknown_supercells(campaign, names, Path(found.campaign))
        )
    return materials


def _look_for_lammps(found: Examination, campaign: Campaign) -> bool:
    try:
        program = found_command(campaign.lammps_command)
    except ProgramError as error:
        found.checks.append(Check("lammps_command", "FAIL", str(error)))
        return False
    found.checks.append(Check("lammps_command", "PASS", " ".join(program)))
    return True


def _estimate(
    found: Examination,
    material: Examined,
    campaign: Campaign,
    steps: Plan,
    tell: Callable[[str], None],
    timing: bool,
) -> MaterialEstimate:
    """Disk and, where the potential can be run, time of a material."""
    assert material.cell is not None
    name = material.material.name
    n_runs = len(campaign.temperatures_K) * campaign.replicas
    result = MaterialEstimate(name, material.cell.n_atoms, n_runs, disk(material, campaign, steps))
    if not timing or any(check.status == "FAIL" for check in material.checks):
        return result
    tell(f"running the potential of {name} for some hundred steps")
    with tempfile.TemporaryDirectory(prefix="atomstates-check-") as folder:
        speed = found.attempt(
            f"{name}: potential", lambda: measured(material, campaign, Path(folder), gpus())
        )
    if speed is None:
        return result
    n_before = len(material.checks)
    if material.cutoff is None and speed.cutoff is not None:
        examine_width(material, speed.cutoff)
    found.checks += material.checks[n_before:]
    words = f"{speed.steps} steps at {max(campaign.temperatures_K):g} K and a relaxation went well"
    found.checks.append(Check(f"{name}: potential", "PASS", words))
    result.benchmark = speed
    result.time = time(material, campaign, steps, speed)
    return result


def _look_at_disk(found: Examination) -> None:
    """Whether the products fit onto the disk of the results."""
    if not found.estimates or found.results is None:
        return
    there = found.results.absolute()
    while not there.exists():
        there = there.parent
    free, needed = shutil.disk_usage(there).free, sum(each.disk.total for each in found.estimates)
    words = f"{size_text(needed)} are needed in {found.results}, {size_text(free)} are free"
    status = "FAIL" if needed > free else "WARN" if needed > 0.5 * free else "PASS"
    advice = "" if status == "PASS" else ": fewer frames (md.frame_every_ps), or another folder (--results)"
    found.checks.append(Check("disk", status, words + advice))  # type: ignore[arg-type]  # one of the three


def size_text(n_bytes: float) -> str:
    """A number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.3g} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.3g} TB"
