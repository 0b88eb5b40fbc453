"""What a results folder holds: every product that the report shows, and what is missing.

A report can be made of what is there so far: a product that is missing or was made with other
settings is named, and the rest is shown.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from atomstates.campaign import MaterialFolder, Results, RunFolder
from atomstates.products import MARKER, fingerprint, read_json, read_marker
from atomstates.report.tables import Table, read_table
from atomstates.stages import STAGES, Place, places


@dataclass(frozen=True)
class Marker:
    """What one stage of one place said when it was done."""

    stage: str
    place: str
    folder: str
    """Folder of the products, relative to the results folder."""
    state: Literal["done", "stale", "missing"]
    content: dict[str, Any]


@dataclass(frozen=True)
class RunContents:
    """Products of one run; None where there is none yet."""

    id: str
    temperature: float
    replica: int
    diffusion: dict[str, Any] | None
    msd: Table | None
    van_hove: Table | None
    thermo: Table | None
    barriers: dict[str, Any] | None


@dataclass(frozen=True)
class MaterialContents:
    """Products of one material and its runs; None where there is none yet."""

    name: str
    title: str
    source: str
    mobile: str
    cations: tuple[str, ...]
    """Elements that are neither mobile nor anions."""
    doas: dict[str, Any] | None
    density: Table | None
    n_models: int
    """Models of the potential; of one there is no spread."""
    spread: dict[str, Any] | None
    spread_table: Table | None
    """Densities of all models, and their band."""
    sublattice: Table | None
    """Energies of sublattice and cell in every snapshot."""
    heat_capacity: dict[str, Any] | None
    order: dict[str, Any] | None
    """Order of the ions over the sites of the crystal."""
    transitions: dict[str, Any] | None
    environments: dict[str, Any] | None
    arrhenius: dict[str, Any] | None
    profile: Table | None
    """Likelihood against the transition temperature."""
    density_map: dict[str, Any] | None
    projections: Table | None
    """Density maps as seen along a, b and c."""
    radial: dict[str, Any] | None
    radial_table: Table | None
    barriers: dict[str, Any] | None
    family: str
    """The same for materials that differ by their supercell only."""
    runs: tuple[RunContents, ...]

    @property
    def cation(self) -> str:
        """The word for a cation of the framework."""
        return "/".join(self.cations) or "cation"


def markers(results: Results) -> list[Marker]:
    """The marker of every stage of every place but the report's own, in the order of the stages."""
    found = []
    for stage in STAGES:
        if stage.level == "campaign":
            continue
        for place in places(stage, results):
            folder = place.stage_path(stage.name)
            there = (folder / MARKER).is_file()
            state: Literal["done", "stale", "missing"] = "missing"
            if there:
                state = "done" if place.is_done(stage.name) else "stale"
            content = read_marker(folder) if there else {}
            found.append(Marker(stage.name, place_name(place), relative(folder, results), state, content))
    return found


def contents(results: Results) -> list[MaterialContents]:
    """The products of every material."""
    return [_material(folder) for folder in results.materials]


def place_name(place: Place) -> str:
    """How a place is called on the page."""
    return place.id if isinstance(place, RunFolder) else place.name


def relative(path: Path, results: Results) -> str:
    """A path relative to the results folder, with forward slashes."""
    return path.relative_to(results.path).as_posix()


def product_path(place: Place, stage: str, name: str) -> Path | None:
    """The product of that name, or None while the stage has never been done."""
    path = place.stage_path(stage) / name
    return path if path.is_file() and (path.parent / MARKER).is_file() else None


def _material(folder: MaterialFolder) -> MaterialContents:
    material = folder.material
    several = material.potential.n_models > 1
    framework = set(material.charges) - {material.mobile} - set(material.anions)
    return MaterialContents(
        name=material.name,
        title=material.title,
        source=material.source,
        mobile=material.mobile,
        cations=tuple(sorted(framework)),
        doas=_json(folder, "doas", "doas.json"),
        density=_table(folder, "doas", "density.csv"),
        n_models=material.potential.n_models,
        spread=_json(folder, "doas", "spread.json") if several else None,
        spread_table=_table(folder, "doas", "spread.csv") if several else None,
        sublattice=_table(folder, "doas", "sublattice.csv"),
        heat_capacity=_json(folder, "doas", "heat_capacity.json"),
        order=_json(folder, "doas", "order.json"),
        transitions=_json(folder, "doas", "transitions.json"),
        environments=_json(folder, "doas", "environments.json"),
        arrhenius=_json(folder, "transport", "arrhenius.json"),
        profile=_table(folder, "transport", "profile.csv"),
        density_map=_json(folder, "transport", "density_map.json"),
        projections=_table(folder, "transport", "density_projections.csv"),
        radial=_json(folder, "doas", "radial.json"),
        radial_table=_table(folder, "doas", "radial.csv"),
        barriers=_json(folder, "barriers", "barriers.json"),
        family=_family(folder),
        runs=tuple(_run(run) for run in folder.runs),
    )


def _family(folder: MaterialFolder) -> str:
    """A hash of all that makes a material but its name and its supercell."""
    settings = folder.material.model_dump(mode="json", exclude={"name", "title", "source", "supercell"})
    return fingerprint(settings, folder.file_hashes)


def _run(run: RunFolder) -> RunContents:
    return RunContents(
        id=run.id,
        temperature=run.temperature,
        replica=run.replica,
        diffusion=_json(run, "transport", "diffusion.json"),
        msd=_table(run, "transport", "msd.csv"),
        van_hove=_table(run, "transport", "van_hove.csv"),
        thermo=_table(run, "md", "thermo.csv"),
        barriers=_json(run, "barriers", "barriers.json"),
    )


def _json(place: Place, stage: str, name: str) -> dict[str, Any] | None:
    path = product_path(place, stage, name)
    return None if path is None else dict(read_json(path))


def _table(place: Place, stage: str, name: str) -> Table | None:
    path = product_path(place, stage, name)
    return None if path is None else read_table(path)
