"""Where the products of a campaign lie, and which fingerprint each must bear.

    RESULTS/campaign.json                      settings as they were laid out
    RESULTS/materials/MATERIAL/STAGE/          structures, potentials, doas, transport, barriers
    RESULTS/runs/RUN/STAGE/                    md, minimize, doas, transport, barriers
    RESULTS/report/

RUN is ``MATERIAL_TEMPERATUREK_REPLICA``. Everything that a stage needs to know stands in
``campaign.json``: a stage of one run is the same command by hand, from Snakemake and in a
SLURM array.
"""

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from atomstates.campaign import fingerprints
from atomstates.campaign.input_files import resolved_files
from atomstates.campaign.reading import (
    campaign_file,
    read_campaign,
    read_campaign_material,
    refuse_unknown_supercells,
)
from atomstates.campaign.schema import Campaign, Material
from atomstates.errors import InputError, ProductError
from atomstates.products import file_hash, fingerprint, is_done, read_json, write_json

SETTINGS = "campaign.json"
T = TypeVar("T")


@dataclass(frozen=True)
class MaterialFolder:
    """A material of a campaign: its settings and where its products lie."""

    results: "Results"
    material: Material
    files: dict[str, Path]
    """Input files by name: ``cif``, and the model and parameter files of the potential."""
    file_hashes: dict[str, str]

    @property
    def name(self) -> str:
        return self.material.name

    @property
    def campaign(self) -> Campaign:
        return self.results.campaign

    @property
    def path(self) -> Path:
        return self.results.path / "materials" / self.name

    def stage_path(self, stage: str) -> Path:
        """Folder of the products of a stage."""
        return self.path / stage

    @property
    def runs(self) -> list["RunFolder"]:
        """All runs of this material, by temperature and replica."""
        return [
            RunFolder(self, temperature, replica)
            for temperature in sorted(self.campaign.temperatures_K)
            for replica in range(1, self.campaign.replicas + 1)
        ]

    def fingerprint(self, stage: str) -> str:
        """Fingerprint that the done marker of a stage must bear."""
        campaign, material = self.campaign, self.material
        match stage:
            case "structures":
                return fingerprints.structures_fingerprint(campaign, material, self.file_hashes)
            case "potentials":
                return fingerprints.potentials_fingerprint(campaign, material, self.file_hashes)
            case "doas":
                runs = [run.fingerprint("doas") for run in self.runs]
                return fingerprints.material_doas_fingerprint(runs, campaign)
            case "transport":
                runs = [run.fingerprint("transport") for run in self.runs]
                return fingerprints.material_transport_fingerprint(runs, campaign)
            case "barriers":
                before = [self.fingerprint(name) for name in ("doas", "transport")]
                before += [run.fingerprint("barriers") for run in self.runs]
                return fingerprints.material_barriers_fingerprint(
                    before, self.ordered_barriers_fingerprint, campaign
                )
        raise ValueError(f"materials have no stage {stage!r}")

    @property
    def ordered_barriers_fingerprint(self) -> str:
        """What makes the hops of the ordered crystal others."""
        return fingerprints.ordered_barriers_fingerprint(self.fingerprint("potentials"), self.campaign)

    def is_done(self, stage: str) -> bool:
        return is_done(self.stage_path(stage), self.fingerprint(stage))


@dataclass(frozen=True)
class RunFolder:
    """One run: material, temperature (K), replica."""

    material_folder: MaterialFolder
    temperature: float
    replica: int

    @property
    def id(self) -> str:
        return f"{self.material.name}_{self.temperature:g}K_{self.replica}"

    @property
    def material(self) -> Material:
        return self.material_folder.material

    @property
    def campaign(self) -> Campaign:
        return self.material_folder.campaign

    @property
    def path(self) -> Path:
        return self.material_folder.results.path / "runs" / self.id

    def stage_path(self, stage: str) -> Path:
        """Folder of the products of a stage."""
        return self.path / stage

    @property
    def seed(self) -> int:
        """Seed of the run's velocities, derived from the campaign's seed and the run's name."""
        return int(fingerprint(self.campaign.seed, self.id), 16) % (2**31 - 2) + 1

    @property
    def trajectory_fingerprint(self) -> str:
        """What makes this trajectory another one; a longer run is the same one, continued."""
        folder = self.material_folder
        return fingerprints.trajectory_fingerprint(
            self.campaign, self.material, folder.file_hashes, self.temperature, self.replica
        )

    def fingerprint(self, stage: str) -> str:
        """Fingerprint that the done marker of a stage must bear."""
        folder, campaign = self.material_folder, self.campaign
        match stage:
            case "md":
                return fingerprints.md_fingerprint(
                    campaign, self.material, folder.file_hashes, self.temperature, self.replica
                )
            case "minimize":
                return fingerprints.minimize_fingerprint(self.fingerprint("md"), campaign)
            case "doas":
                return fingerprints.run_doas_fingerprint(self.fingerprint("minimize"), self.material)
            case "transport":
                md = self.fingerprint("md")
                return fingerprints.run_transport_fingerprint(md, campaign, self.material)
            case "barriers":
                minimize = self.fingerprint("minimize")
                return fingerprints.run_barriers_fingerprint(minimize, campaign, self.material)
        raise ValueError(f"runs have no stage {stage!r}")

    def is_done(self, stage: str) -> bool:
        return is_done(self.stage_path(stage), self.fingerprint(stage))


@dataclass(frozen=True)
class Results:
    """The results folder of one campaign."""

    path: Path
    campaign: Campaign
    sources: dict[str, Any]
    """Material settings and input files by material name, as stored in ``campaign.json``."""

    @cached_property
    def materials(self) -> list[MaterialFolder]:
        """Every material of the campaign, in its order."""
        return [
            MaterialFolder(
                self,
                Material.model_validate(source["settings"]),
                {name: Path(file) for name, file in source["files"].items()},
                source["file_hashes"],
            )
            for source in self.sources.values()
        ]

    @property
    def runs(self) -> list[RunFolder]:
        """Every run of the campaign."""
        return [run for material in self.materials for run in material.runs]

    @property
    def name(self) -> str:
        return self.campaign.name

    def stage_path(self, stage: str) -> Path:
        """Folder of the products of a stage of the whole campaign."""
        return self.path / stage

    def fingerprint(self, stage: str) -> str:
        """Fingerprint that the done marker of the report must bear."""
        if stage != "report":
            raise ValueError(f"campaigns have no stage {stage!r}")
        names = ("doas", "transport", "barriers")
        stages = [folder.fingerprint(name) for folder in self.materials for name in names]
        return fingerprints.report_fingerprint(
            stages, self.campaign, [folder.material for folder in self.materials]
        )

    def is_done(self, stage: str) -> bool:
        return is_done(self.stage_path(stage), self.fingerprint(stage))

    def material(self, name: str) -> MaterialFolder:
        """The material of that name."""
        return _named(name, {folder.name: folder for folder in self.materials}, "material", self.path)

    def run(self, name: str) -> RunFolder:
        """The run of that ID (or whose folder that is)."""
        return _named(Path(name).name, {run.id: run for run in self.runs}, "run", self.path)


def lay_out(campaign_path: Path, folder: Path | None = None, *, store: bool = True) -> Results:
    """Read a campaign and store its settings in its results folder (``results/NAME``), or only read it.

    Raises
    ------
    InputError
        The campaign makes no sense, or the folder holds the results of another one.
    """
    campaign = read_campaign(campaign_path)
    beside = campaign_file(campaign_path).parent
    sources: dict[str, Any] = {}
    for name in campaign.materials:
        material, file = read_campaign_material(campaign, name, beside)
        if material.name in sources:
            raise InputError(f"{campaign_path}: two of the materials are named {material.name!r}")
        files = resolved_files(material, file.parent)
        sources[material.name] = {
            "settings": material.model_dump(mode="json"),
            "files": {key: str(value) for key, value in files.items()},
            "file_hashes": {key: file_hash(value) for key, value in files.items()},
        }
    refuse_unknown_supercells(campaign, sources, campaign_path)
    path = folder or Path("results") / campaign.name
    content = {"campaign": campaign.model_dump(mode="json"), "materials": sources}
    if (path / SETTINGS).exists():
        stored = read_json(path / SETTINGS)
        found = stored.get("campaign", {}).get("name")
        if found != campaign.name:
            raise InputError(
                f"{path}: holds the results of the campaign {found!r}, not of {campaign.name!r}. "
                "Choose another folder with --results."
            )
    elif path.is_dir() and any(path.iterdir()):
        raise InputError(
            f"{path}: is not empty and holds no {SETTINGS}, so it is not a results folder. "
            "Choose another one with --results."
        )
    if store and (not (path / SETTINGS).exists() or stored != content):
        write_json(path / SETTINGS, content)
    return Results(path, campaign, sources)


def open_results(path: Path) -> Results:
    """The results folder as it was laid out.

    Raises
    ------
    ProductError
        It is no results folder, or its settings are damaged.
    """
    if not (path / SETTINGS).is_file():
        raise ProductError(
            f"{path}: no results folder ({SETTINGS} is missing). Run `atomstates run` first."
        )
    content = read_json(path / SETTINGS)
    try:
        campaign = Campaign.model_validate(content["campaign"])
        return Results(path, campaign, content["materials"])
    except (KeyError, TypeError, ValidationError) as error:
        raise ProductError(
            f"{path / SETTINGS}: written by another version of atomstates ({error}). "
            "Run `atomstates run CAMPAIGN` to lay the campaign out again."
        ) from error


def _named(name: str, known: dict[str, T], what: str, where: Path) -> T:
    """The entry of that name, or an error with the nearest one."""
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    raise InputError(f"{where}: no {what} {name!r}; {hint}")
