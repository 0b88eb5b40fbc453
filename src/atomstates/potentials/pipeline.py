"""The steps of a recipe in order; a step that is done is not done again.

Work folder: ``seed/`` (labels of made structures), ``round-N/`` with ``training/``, ``trips/``
and ``labels/``, ``final/training/`` with the finished model.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from ase import Atoms

from atomstates.errors import InputError
from atomstates.potentials.configurations import closest_distance, shaken, structure
from atomstates.potentials.exploration import explore, found_frames, trips
from atomstates.potentials.host import Host, Source, distinct_orderings, host
from atomstates.potentials.labelling import kept_labels, label_frames
from atomstates.potentials.recipe import Expedition, Family, Recipe
from atomstates.potentials.training import train_model
from atomstates.products import read_json, write_json
from atomstates.structures.channels import channel_order

_MOST_TRIES = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workshop:
    """A recipe with the crystal it is about, its work folder and the teacher's interpreter."""

    recipe: Recipe
    folder: Path
    interpreter: str

    def host(self, name: str | None = None) -> Host:
        """The unit cell and the sites of a crystal; the first one by default."""
        recipe = self.recipe
        phase = recipe.crystals[name or next(iter(recipe.crystals))]
        return host(phase.crystal, recipe.mobile, recipe.anion, phase.mobile_per_cell, recipe.elements)

    def source(self, name: str) -> Source:
        """What structures of a crystal are made of."""
        unit = self.host(name)
        orderings = [chosen for chosen, _ in distinct_orderings(unit)]
        channels = self.recipe.crystals[name].channels
        staggered = []
        if channels is not None:
            cell = unit.framework.cell[:]
            order = [float(channel_order(unit.sites[list(one)], channels, 1, cell)) for one in orderings]
            staggered = [chosen for chosen, phi in zip(orderings, order, strict=True) if phi > 0.99]
        return Source(name, unit, {"orderings": orderings, "channels": staggered})

    def sources(self) -> dict[str, Source]:
        """All crystals by name."""
        return {name: self.source(name) for name in self.recipe.crystals}


def train(shop: Workshop) -> Path:
    """Carry out the whole recipe and return the finished model."""
    recipe, folder = shop.recipe, shop.folder
    label_seed(shop)
    last: Path | None = None
    for number, one in enumerate(recipe.rounds, start=1):
        home = folder / f"round-{number}"
        frames = labelled_so_far(shop, number)
        model = train_model(recipe, one.training, frames, home / "training", recipe.seed + number, last)
        last = home / "training"
        label_expeditions(shop, one.expeditions, model, home, recipe.seed + number)
    frames = labelled_so_far(shop, len(recipe.rounds) + 1)
    home = folder / "final" / "training"
    return train_model(recipe, recipe.final, frames, home, recipe.seed, last)


def label_seed(shop: Workshop) -> None:
    """Make and label the structures of the recipe's families."""
    folder = shop.folder / "seed"
    if (folder / "done.json").is_file():
        return
    label_frames(seed_frames(shop), folder, shop.recipe.teacher, shop.interpreter)
    write_json(folder / "done.json", {"frames_too_close": 0})


def seed_frames(shop: Workshop) -> list[Atoms]:
    """Structures of all families, shuffled; those with atoms too close are drawn again."""
    recipe, sources = shop.recipe, shop.sources()
    frames = []
    for number, family in enumerate(recipe.families):
        random = np.random.default_rng([recipe.seed, number])
        for _, name in zip(range(family.frames), cycle(recipe.names_for(family)), strict=False):
            frames.append(_drawn(sources[name], family, recipe.limits.closest_A, random))
    order = np.random.default_rng(recipe.seed).permutation(len(frames))
    return [frames[i] for i in order]


def _drawn(source: Source, family: Family, closest: float, random: np.random.Generator) -> Atoms:
    """One structure of a family with no atoms too close."""
    for _ in range(_MOST_TRIES):
        atoms = shaken(structure(source, family, random), random.uniform(*family.displacement_A), random)
        if closest_distance(atoms) > closest:
            atoms.info |= {"origin": family.origin, "crystal": source.name}
            return atoms
    raise InputError(
        f"family {family.origin!r}: {_MOST_TRIES} draws have atoms nearer than {closest} Å; "
        "make displacement_A, hops or interstitials smaller"
    )


def label_expeditions(
    shop: Workshop, expeditions: Sequence[Expedition], model: Path, home: Path, seed: int
) -> None:
    """Let the student explore in ``home/trips`` and label what it finds in ``home/labels``."""
    done = home / "labels" / "done.json"
    if done.is_file():
        return
    recipe = shop.recipe
    planned = trips(expeditions, shop.sources(), home / "trips", seed)
    lost = explore(planned, model, recipe.elements, recipe.teacher.processes)
    found = home / "trips" / "found.xyz"
    frames, too_close = found_frames(planned, recipe.limits, found)
    order = np.random.default_rng(seed).permutation(len(frames))
    label_frames([frames[i] for i in order], home / "labels", recipe.teacher, shop.interpreter)
    write_json(done, {"trips": len(planned), "trips_lost": lost, "frames_too_close": too_close})


def labelled_so_far(shop: Workshop, before_round: int) -> list[Atoms]:
    """Labelled frames of the seed and of all rounds before this one, within the recipe's limits."""
    folders = [shop.folder / "seed"]
    folders += [shop.folder / f"round-{number}" / "labels" for number in range(1, before_round)]
    frames: list[Atoms] = []
    for folder in folders:
        kept, n_dropped = kept_labels(folder, shop.recipe.limits)
        _log.info("%s: %d labelled frames, %d with too large forces dropped", folder, len(kept), n_dropped)
        frames += kept
    return frames


def frame_counts(shop: Workshop) -> dict[str, dict[str, int]]:
    """Frames kept by origin, and frames dropped by reason, for the model card."""
    kept: dict[str, int] = {}
    dropped = {"force_too_large": 0, "atoms_too_close": 0, "trips_ended_early": 0}
    for folder in [shop.folder / "seed", *sorted(shop.folder.glob("round-*/labels"))]:
        frames, n_dropped = kept_labels(folder, shop.recipe.limits)
        dropped["force_too_large"] += n_dropped
        if (folder / "done.json").is_file():
            done = read_json(folder / "done.json")
            dropped["atoms_too_close"] += done.get("frames_too_close", 0)
            dropped["trips_ended_early"] += done.get("trips_lost", 0)
        for atoms in frames:
            origin = str(atoms.info.get("origin", "unknown"))
            kept[origin] = kept.get(origin, 0) + 1
    return {"kept": dict(sorted(kept.items())), "dropped": dropped}
