"""What a recipe may say: teacher, crystals, shape of the model, rounds of training (one YAML file)."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from atomstates.errors import InputError
from atomstates.potentials.sampling import ActiveLearning, Limits, Phase, Replacement, Weights
from atomstates.potentials.shape import Shape
from atomstates.potentials.validation.settings import Validation

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Cell = tuple[Count, Count, Count]
Span = tuple[NotNegative, NotNegative]
Counts = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]


class Settings(BaseModel):
    """Base of all settings: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Teacher(Settings):
    """Any ASE calculator, by its import path and keyword arguments.

    Each labelling process has a working directory of its own: paths among the arguments are
    absolute. VASP: ``ase.calculators.vasp.Vasp`` with ``arguments: {command: mpirun vasp_std, ...}``.
    """

    title: str
    licence: str
    calculator: str
    """Import path of the class (``sevenn.calculator.SevenNetCalculator``)."""
    arguments: dict[str, Any] = {}
    processes: Count = 1  # of labelling, one thread each


class Training(Settings):
    """One call of ``dp train``."""

    steps: Count
    learning_rate: tuple[Positive, Positive] = (2e-3, 1e-5)
    decay_steps: Count = 500
    batch: str = "auto:60"
    """Frames a step: DeePMD's ``auto:N`` takes as many as reach N atoms."""
    made_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Share of the steps that made structures get, the student's own frames have the rest;
    by default each frame counts alike."""
    continue_last: bool = False
    """Start from the weights of the last round instead of random ones."""


class Start(Settings):
    """How a structure is made from a crystal: filling, composition, defects, strain, displacements."""

    origin: str
    crystals: tuple[str, ...] = ()
    """Names of the recipe's crystals; all of them by default."""
    cells: Annotated[tuple[Cell, ...], Field(min_length=1)] = ((1, 1, 1),)
    filling: Literal["orderings", "channels", "random"]
    """Distinct orderings of one cell, those with staggered channels only, or sites at random."""
    interstitials: Counts = (0, 0)
    """Least and most mobile ions per structure that are moved to tetrahedra."""
    hops: Counts = (0, 0)
    """Least and most mobile ions per structure that are put on the way to a vacant site."""
    strain: NotNegative = 0.0
    """Largest axial strain of the basal plane and, independently, of the third axis."""
    plane_strain: NotNegative = 0.0
    """Largest strain by which x grows and y shrinks, or the other way round."""
    shear: NotNegative = 0.0
    replacement: Replacement | None = None
    """Composition; without it that of the crystal."""


class Family(Start):
    """Structures that are labelled as they are made."""

    frames: Count
    """In all; its crystals take turns."""
    displacement_A: Span = (0.02, 0.2)
    """Least and largest standard deviation of the random displacements."""


class Expedition(Start):
    """Molecular dynamics of the student, one run per crystal, temperature and replica."""

    temperatures_K: Annotated[tuple[Positive, ...], Field(min_length=1)]
    cool_to_K: Positive | None = None
    pressure_bar: float | None = None
    """Cell lengths free at this pressure; by default the (strained) cell is kept."""
    replicas: Count = 1
    run_ps: Positive
    skip_ps: NotNegative = 0.0
    """Frames before this time are not used."""
    frame_every_ps: Positive
    relaxed_every: Annotated[int, Field(ge=0)] = 0
    """Every n-th frame is also relaxed by the student and labelled so; 0 for none."""
    hop_images: Annotated[int, Field(ge=0)] = 0
    """Points of one hop to a vacant site, before the dynamics: the ion held, all else relaxed."""


class Round(Settings):
    """Training on all labels so far, then exploration by the model that comes out."""

    training: Training
    expeditions: Annotated[tuple[Expedition, ...], Field(min_length=1)]


class Remarks(Settings):
    """What the model card must say besides the numbers of its tests."""

    speed: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


class Recipe(Settings):
    """A potential, from its teacher to its tests."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    title: str
    elements: Annotated[tuple[str, ...], Field(min_length=1)]
    """In the order of LAMMPS types."""
    seed: Annotated[int, Field(ge=1, lt=2**31)]
    teacher: Teacher
    mobile: str
    anion: str
    """Of the crystals, before anything is replaced."""
    crystals: Annotated[dict[str, Phase], Field(min_length=1)]
    """By name."""
    shape: Shape
    weights: Weights = Weights()
    limits: Limits = Limits()
    families: Annotated[tuple[Family, ...], Field(min_length=1)]
    rounds: Annotated[tuple[Round, ...], Field(min_length=1)]
    active_learning: ActiveLearning | None = None
    """Without it one model explores, and all that it finds is labelled."""
    final: Training
    validation: Validation
    remarks: Remarks = Remarks()

    @model_validator(mode="after")
    def _consistent(self) -> "Recipe":
        needed = len(self.elements) if self.shape.type_embedding is None else 1
        if len(self.shape.selection) != needed:
            raise ValueError(
                f"shape.selection needs {needed} number{'s, one for each element' if needed > 1 else ''}, "
                f"not {len(self.shape.selection)}"
            )
        if self.active_learning is not None and self.active_learning.most_rounds < len(self.rounds):
            raise ValueError(f"most_rounds must be at least the {len(self.rounds)} rounds that are given")
        if self.rounds[0].training.continue_last:
            raise ValueError("the first round has nothing to continue from (continue_last)")
        materials = self.validation.materials
        replaced = [
            *(one.replacement for one in self.starts() if one.replacement is not None),
            *(one.replacement for one in materials.values() if one.replacement is not None),
        ]
        for element in (self.mobile, self.anion, *(e for r in replaced for e in (r.replace, r.by))):
            if element not in self.elements:
                raise ValueError(f"{element} is not one of the elements {self.elements}")
        for start in self.starts():
            foreign = [name for name in start.crystals if name not in self.crystals]
            if foreign:
                raise ValueError(f"{start.origin!r}: no crystal {foreign[0]} among {[*self.crystals]}")
            bare = [name for name in self.names_for(start) if self.crystals[name].channels is None]
            if start.filling == "channels" and bare:
                raise ValueError(f"{start.origin!r}: the crystal {bare[0]} has no channels to fill")
        for name, material in materials.items():
            if material.crystal not in self.crystals:
                raise ValueError(
                    f"validation.materials.{name}: no crystal {material.crystal} among {[*self.crystals]}"
                )
        return self

    def starts(self) -> list[Start]:
        """All families and expeditions."""
        return [*self.families, *(expedition for one in self.rounds for expedition in one.expeditions)]

    def names_for(self, start: Start) -> tuple[str, ...]:
        """The crystals that a family or expedition is about."""
        return start.crystals or tuple(self.crystals)

    def round(self, number: int) -> Round:
        """A round by its number, from 1; the last one is repeated."""
        return self.rounds[min(number, len(self.rounds)) - 1]

    @property
    def n_models(self) -> int:
        """Models that are trained side by side."""
        return self.active_learning.models if self.active_learning is not None else 1


def read_recipe(path: Path) -> Recipe:
    """The checked recipe of a YAML file.

    Raises
    ------
    InputError
        The file is missing, is not YAML, or says something that a recipe may not say.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: the recipe cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML ({error})") from error
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc'])) or 'recipe'}: {one['msg']}" for one in error.errors()]
        raise InputError(f"{path}: " + "; ".join(lines)) from error
