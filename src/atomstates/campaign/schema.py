"""What a campaign and a material may say: the keys of the YAML files, with units and bounds.

Every key that is a quantity wears its unit. An unknown key is an error that names the
nearest known one (`reading.py`). The classes here hold settings only; they open no file.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]
Triple = tuple[float, float, float]
Multiples = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=3, max_length=3)]


class Settings(BaseModel):
    """Base of all settings: unknown keys are refused, values do not change.

    What a key means is said below it, or in ``descriptions.py`` where its name says nearly all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


# ---------------------------------------------------------------- material


class CrystalSite(Settings):
    """One Wyckoff position: element, one representative fractional position, occupancy."""

    label: str
    element: str
    position: Triple
    occupancy: Annotated[float, Field(gt=0, le=1)] = 1.0


class Crystal(Settings):
    """A crystal: a CIF file, or a space group (International number) with lattice and sites."""

    cif: str | None = None
    space_group: Annotated[int, Field(ge=1, le=230)] | None = None
    lattice_A: Triple | None = None
    angles_deg: Triple = (90.0, 90.0, 90.0)
    sites: tuple[CrystalSite, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "Crystal":
        by_sites = self.space_group is not None and self.lattice_A is not None and self.sites
        if (self.cif is None) == (not by_sites):
            raise ValueError("give either cif, or space_group with lattice_A and sites")
        return self


class Ordering(Settings):
    """How partial occupancy is resolved into one ordered cell."""

    cell: tuple[int, int, int] = (1, 1, 1)
    """Multiples of the unit cell in which orderings are enumerated."""
    candidates: Annotated[int, Field(ge=1)] = 24
    """Symmetry-distinct orderings kept after the electrostatic pre-screening."""
    most_enumerated: Annotated[int, Field(ge=1)] = 200_000
    """More combinations than this are sampled at random instead of enumerated."""


class Substitution(Settings):
    """Random replacement of a share of one element by another, seeded."""

    replace: str
    by: str
    fraction: Fraction
    seed: int = 0


class Channels(Settings):
    """Columns of octahedral sites whose staggered filling is the crystal's order parameter.

    ``a`` and ``b`` are in-plane fractional positions (of the unit cell) of the columns of
    either family along the third axis; phi = |<n_a> - <n_b>| with n the ions per column and
    unit cell, as counted by the column nearest in the plane.
    """

    a: Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]
    b: Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]


class DeepmdPotential(Settings):
    """``pair_style deepmd``: one model, or several to see how much the choice of the model matters."""

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    """Files (relative to the material's YAML), or ``shipped:NAME`` and further models of it by number,
    ``shipped:NAME/2``. The first one drives; further ones give the deviation of forces along the run, and
    relax every snapshot too."""


class LammpsPotential(Settings):
    """Any pair style of LAMMPS: the lines are copied as they stand."""

    pair_style: str
    pair_coeff: Annotated[tuple[str, ...], Field(min_length=1)]
    """Arguments of each ``pair_coeff``; ``{elements}`` stands for the elements in type order."""
    commands: tuple[str, ...] = ()
    """Extra lines after the coefficients (``kspace_style``, ``pair_modify``, ...)."""
    before_read: tuple[str, ...] = ()
    """Extra lines before the data file is read (``newton off``, ...)."""
    atom_style: Literal["atomic", "charge"] = "atomic"
    files: tuple[str, ...] = ()
    """Parameter files, relative to the material's YAML; named in ``pair_coeff`` by base name."""


class Potential(Settings):
    """Exactly one of ``deepmd`` and ``lammps``."""

    deepmd: DeepmdPotential | None = None
    lammps: LammpsPotential | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Potential":
        if (self.deepmd is None) == (self.lammps is None):
            raise ValueError("give exactly one of deepmd and lammps")
        return self

    @property
    def n_models(self) -> int:
        return 1 if self.deepmd is None else len(self.deepmd.models)


class Material(Settings):
    """A crystal with its composition and its potential (one YAML file)."""

    name: Name
    title: str
    source: str = ""
    crystal: Crystal
    mobile: str
    anions: Annotated[tuple[str, ...], Field(min_length=1)]
    charges: dict[str, float]
    """Formal charges in units of e, used for the electrostatic pre-screening and z of the ion."""
    supercell: Multiples = (1, 1, 1)
    """Multiples of the unit cell simulated by molecular dynamics."""
    ordering: Ordering = Ordering()
    substitution: tuple[Substitution, ...] = ()
    channels: Channels | None = None
    hop_length_A: Positive = 3.0
    """Site-to-site distance a of the mobile ion: enters the 0.5 a² rule and N_eff."""
    potential: Potential


# ---------------------------------------------------------------- campaign


class MolecularDynamics(Settings):
    """The ``md`` stage."""

    timestep_fs: Annotated[float, Field(gt=0, le=10)] = 2.0
    equilibrate_ps: Annotated[float, Field(ge=0)] = 5.0
    produce_ps: Positive = 100.0
    frame_every_ps: Positive = 0.1
    snapshot_every_ps: Positive = 2.0
    """Frames that are relaxed. For rates of transitions between states take them so close that few ions
    change site from one to the next (0.1 to 0.5 ps); a check says when they are too far apart."""
    thermo_every_ps: Positive = 0.1
    restart_every_ps: Positive = 5.0
    thermostat_damping_ps: Positive = 0.1
    barostat_damping_ps: Positive = 1.0
    cell: Literal["relaxed", "given", "mean-npt"] = "relaxed"
    """Cell of the NVT production: relaxed by the potential, as given (experiment), or NPT mean."""
    npt_ps: Positive = 20.0
    """Length of the NPT equilibration whose second half gives the mean cell (``mean-npt``)."""
    deviation_threshold_eV_per_A: Positive = 0.2
    """Where a material has several models: their forces may differ by this much on an atom of a snapshot
    (standard deviation over the models) before there is a warning."""


class Minimize(Settings):
    """The ``minimize`` stage."""

    force_tolerance_eV_per_A: Positive = 0.005
    most_steps: Annotated[int, Field(ge=1)] = 2000
    style: Literal["fire", "cg", "quickmin"] = "fire"


class Doas(Settings):
    """The ``doas`` stage."""

    bin_width_eV: Positive = 0.02
    bootstrap_samples: Annotated[int, Field(ge=10)] = 400
    block_snapshots: Annotated[int, Field(ge=1)] = 3
    """Snapshots in one block of the bootstrap."""
    zero: Literal["lowest", "coldest-mean", "absolute"] = "lowest"
    """Zero of energies: the lowest state over all temperatures, the mean of all states at the coldest
    temperature (which no single low state moves), or that of the potential (energies as it gives them)."""
    smoothing_eV: Annotated[float, Field(ge=0)] | None = None
    """Standard deviation of the Gaussian of the smooth line over the histogram (default: half a bin width);
    0 for no line. The line replaces nothing, and no number is taken from it."""


class Transport(Settings):
    """The ``transport`` stage."""

    most_lags: Annotated[int, Field(ge=10)] = 200
    """Lag times at which the MSD is kept."""
    longest_lag_fraction: Annotated[float, Field(gt=0, le=1)] = 0.5
    fit_from_ps: Positive | None = None
    """First lag of the fitted window; found by itself when neither end is given."""
    fit_to_ps: Positive | None = None
    """Last lag of the fitted window: at most ``longest_lag_fraction`` of the run."""
    extrapolate_K: Positive = 300.0
    map_spacing_A: Annotated[float, Field(ge=0.05, le=1)] = 0.25
    """Edge of the voxels of the density maps; percolation is judged on blocks of twice this edge."""

    @property
    def fit_window_ps(self) -> tuple[float | None, float | None] | None:
        """The window of lags that was chosen by hand; None when it is to be found."""
        given = (self.fit_from_ps, self.fit_to_ps)
        return None if given == (None, None) else given

    @model_validator(mode="after")
    def _window_opens(self) -> "Transport":
        if self.fit_from_ps and self.fit_to_ps and self.fit_from_ps >= self.fit_to_ps:
            raise ValueError(
                f"fit_from_ps ({self.fit_from_ps:g}) must be below fit_to_ps ({self.fit_to_ps:g})"
            )
        return self


class Barriers(Settings):
    """The ``barriers`` stage."""

    hops_per_class: Annotated[int, Field(ge=0)] = 4
    """Moves of each class (by the kinds of both sites) whose hops are followed in each run; 0 for none."""
    ordered_hops_per_class: Annotated[int, Field(ge=0)] = 4
    """Distinct hops of each class (path, environments of both ends) followed in the ordered crystal."""
    separated_pairs: Annotated[int, Field(ge=0)] = 4
    """Vacancy-interstitial pairs of the ordered crystal that are farther apart than a hop."""
    reach_A: Positive = 4.0
    """Ions that move at once and come within this distance make one concerted hop."""
    force_tolerance_eV_per_A: Positive = 0.03
    """Largest force of a band that is left on an atom."""
    most_steps: Annotated[int, Field(ge=1)] = 400
    """Steps of a band before and after a replica climbs, at most; most take fewer than 60 in all."""
    prefactor_per_ps: Positive = 5.0
    """Attempt frequency by which barriers become rates: 1 to 10 per ps in most solids."""
    transition_temperature_K: Positive | None = None
    """Tc between 'below' and 'above'; when not given, that of the conductivity or else of the order."""
    bin_width_eV: Positive = 0.05
    """Of the distributions of barriers."""


class Campaign(Settings):
    """Materials x temperatures x replicas and the settings of every stage (one YAML file)."""

    name: Name
    title: str = ""
    seed: Annotated[int, Field(ge=1, lt=2**31)] = 1
    materials: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names in ``workflow/materials`` or YAML files relative to the campaign's. They are finished one after
    the other, in this order."""
    supercells: dict[str, Multiples] = {}
    """Multiples of the unit cell by name of a material, in place of the material's own ``supercell``."""
    temperatures_K: Annotated[tuple[Annotated[float, Field(gt=0, le=5000)], ...], Field(min_length=1)]
    replicas: Annotated[int, Field(ge=1)] = 1
    lammps_command: tuple[str, ...] = ("lmp",)
    """Program that runs LAMMPS, with leading arguments (``[mpiexec, -n, "2", lmp]``)."""
    md: MolecularDynamics = MolecularDynamics()
    minimize: Minimize = Minimize()
    doas: Doas = Doas()
    transport: Transport = Transport()
    barriers: Barriers = Barriers()

    @model_validator(mode="after")
    def _no_twins(self) -> "Campaign":
        if len(set(self.temperatures_K)) != len(self.temperatures_K):
            raise ValueError("temperatures_K names a temperature twice")
        if len(set(self.materials)) != len(self.materials):
            raise ValueError("materials names a material twice")
        return self

    @model_validator(mode="after")
    def _window_within_the_run(self) -> "Campaign":
        longest = self.transport.longest_lag_fraction * self.md.produce_ps
        for key in ("fit_from_ps", "fit_to_ps"):
            if (asked := getattr(self.transport, key)) is not None and asked > longest * (1 + 1e-9):
                raise ValueError(
                    f"transport.{key} is {asked:g}, but lags reach {longest:g} ps at most "
                    f"(longest_lag_fraction {self.transport.longest_lag_fraction:g} of md.produce_ps "
                    f"{self.md.produce_ps:g})"
                )
        return self
