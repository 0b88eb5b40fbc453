"""What a recipe says of the tests of its finished model: materials, lengths of runs, targets."""

from typing import Annotated

from pydantic import Field, model_validator

from atomstates.campaign.schema import Settings
from atomstates.potentials.sampling import Replacement

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Cell = tuple[Count, Count, Count]
Position = tuple[float, float, float]
MaterialName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 .+()-]*$")]
Temperatures = Annotated[tuple[Positive, ...], Field(min_length=1)]


class Material(Settings):
    """A crystal at one composition."""

    crystal: str
    """Name of one of the recipe's crystals."""
    cell: Cell
    """Unit cells of what the teacher labels (60 to 120 atoms)."""
    large_cell: Cell
    """Unit cells of long runs and of the speed; a multiple of ``cell``."""
    replacement: Replacement | None = None
    ordered: tuple[Position, ...] | None = None
    """Filled sites of the ordered unit cell (fractions): reference of lattice and volumes. By default
    the ordering that is the teacher's lowest of those that are relaxed."""

    @model_validator(mode="after")
    def _multiple(self) -> "Material":
        if any(large % small for large, small in zip(self.large_cell, self.cell, strict=True)):
            raise ValueError(f"large_cell {self.large_cell} must be a multiple of cell {self.cell}")
        return self

    @property
    def copies(self) -> Cell:
        """Of the small cell in the large one."""
        i, j, k = (large // small for large, small in zip(self.large_cell, self.cell, strict=True))
        return i, j, k


class OwnDynamics(Settings):
    """The model's own molecular dynamics of every material, whose frames the teacher labels."""

    temperatures_K: Temperatures = (300, 500, 700, 1000)
    """At the relaxed cell."""
    free_cell_temperatures_K: Temperatures = (300, 500, 700)
    """With free cell lengths at 1 bar; also shows how the lattice expands."""
    run_ps: Positive = 10.0
    frames: Count = 12
    """Of each run, evenly in time after its first tenth."""
    relaxed_frames: Annotated[int, Field(ge=0)] = 4
    """Of each run, relaxed by the model at fixed cell."""


class Volumes(Settings):
    """Energy against volume of each reference ordering, at the same fractional positions."""

    span: Annotated[float, Field(gt=0, lt=0.5)] = 0.08
    """Largest relative change of the volume, either way."""
    points: Annotated[int, Field(ge=3)] = 9


class Drift(Settings):
    """Energy of an isolated crystal (NVE) against time."""

    temperatures_K: Temperatures = (300, 900)
    run_ps: Positive = 40.0


class LongRun(Settings):
    """Does the crystal stay one?"""

    temperature_K: Positive = 900
    run_ps: Positive = 200


class Targets(Settings):
    """What a good model reaches."""

    force_rmse_meV_per_A: Positive = 40.0
    energy_rmse_meV_per_atom: Positive = 1.5
    atomic_energy_rmse_meV: Positive = 20.0
    lattice: Positive = 0.005
    """Relative deviation of each relaxed length."""
    ordering_rms_meV_per_atom: Positive = 0.7
    barrier_eV: Positive = 0.03
    drift_meV_per_atom_ns: Positive = 2.0
    framework_displacement_A: Positive = 1.2
    compression_meV_per_atom: Positive = 0.1
    speed_ns_per_day: Positive = 12.0
    file_MB: Positive = 10.0


class Validation(Settings):
    """Tests of the finished model against its teacher, and their targets."""

    materials: Annotated[dict[MaterialName, Material], Field(min_length=1)]
    """By the name that stands in tables and figures."""
    own_dynamics: OwnDynamics = OwnDynamics()
    orderings: Annotated[int, Field(ge=2)] = 8
    """Of each material, drawn with the recipe's seed and relaxed."""
    volumes: Volumes = Volumes()
    hops: Count = 10
    """In all; the materials take turns."""
    drift: Drift = Drift()
    long_run: LongRun = LongRun()
    speed_steps: Count = 1000
    targets: Targets = Targets()
