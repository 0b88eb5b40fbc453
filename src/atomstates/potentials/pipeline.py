"""The steps of a recipe in order; a step that is done is not done again.

Work folder: ``seed/`` (labels of made structures), ``round-N/`` with ``data/``, ``model-K/``,
``trips/``, ``labels/`` and ``held-out/``, ``final/`` with the finished models. Any number of
processes may work on one folder: trainings, trips and files of labels are taken one by one.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from ase import Atoms

from atomstates.errors import InputError
from atomstates.locks import FOR_EVER, held
from atomstates.potentials.configurations import closest_distance, shaken, structure
from atomstates.potentials.exploration import explore, trips
from atomstates.potentials.host import Source
from atomstates.potentials.labelling import kept_labels, label_folder, write_given
from atomstates.potentials.learning import GIVEN, ROUND, write_given_frames, write_round
from atomstates.potentials.recipe import Family, Round, Training
from atomstates.potentials.sharing import Piece, make_all, make_once
from atomstates.potentials.training import MODEL, SYSTEMS, train_model, write_training_data
from atomstates.potentials.workshop import Workshop
from atomstates.products import read_json, write_json

__all__ = ["Outcome", "Workshop", "frame_counts", "n_rounds_done", "train"]

LOOP = "loop.json"
_MOST_TRIES = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """The finished models, and how the loop ended."""

    models: tuple[Path, ...]
    verdict: str


def train(shop: Workshop, after_round: Callable[[Workshop], None] = lambda shop: None) -> Outcome:
    """Carry out the whole recipe; ``after_round`` is called when a round is finished."""
    label_seed(shop)
    recipe, number, verdict = shop.recipe, 0, None
    while verdict is None:
        number += 1
        do_round(shop, number)
        after_round(shop)
        verdict = _verdict(shop, number)
    _log.info("%s", verdict)
    make_way_for_final(shop, number)
    write_json(shop.folder / LOOP, {"rounds": number, "verdict": verdict})
    return Outcome(tuple(train_ensemble(shop, recipe.final, number + 1, final=True)), verdict)


def do_round(shop: Workshop, number: int) -> None:
    """Train, explore, label, and say in ``round.json`` what came of it."""
    one, home = shop.recipe.round(number), shop.round_folder(number)
    if (home / ROUND).is_file():
        return
    models = train_ensemble(shop, one.training, number)
    explore_and_label(shop, one, models, number)
    make_once(home / ROUND, lambda: write_round(shop, number, models))


def _verdict(shop: Workshop, number: int) -> str | None:
    """Why the loop ends after this round, or None while it goes on."""
    recipe, learning = shop.recipe, shop.recipe.active_learning
    if number < len(recipe.rounds):
        return None
    if learning is None:
        return f"all {number} rounds of the recipe are done"
    bad = read_json(shop.round_folder(number) / ROUND)["bad_share"]
    found = f"the share of badly known frames is {bad:.3g} after {number} rounds"
    if bad <= learning.bad_share:
        return f"learned: {found}, at most {learning.bad_share:g} was asked for"
    if number >= learning.most_rounds:
        return (
            f"NOT learned: {found}, above the {learning.bad_share:g} that was asked for, and most_rounds "
            "is reached. Raise it and run the same command again; round.json says where frames are bad."
        )
    return None


def make_way_for_final(shop: Workshop, number: int) -> None:
    """Set final models aside that were trained after fewer rounds than these."""
    with held(shop.folder / ".final.lock", "final", patience=FOR_EVER):
        if not (shop.folder / LOOP).is_file():
            return
        before = n_rounds_done(shop)
        if before != number and shop.final_folder.is_dir():
            shop.final_folder.rename(shop.folder / f"final-after-{before}-rounds")
            (shop.folder / LOOP).unlink()


def n_rounds_done(shop: Workshop) -> int:
    """Rounds of exploration before the final training."""
    number: int = read_json(shop.folder / LOOP)["rounds"]
    return number


def label_seed(shop: Workshop) -> None:
    """Make and label the structures of the recipe's families."""
    folder = shop.seed_folder
    if (folder / "done.json").is_file():
        return

    def make() -> None:
        frames = seed_frames(shop)
        write_given(frames, folder)
        write_json(folder / "given.json", {"frames": len(frames)})

    make_once(folder / "given.json", make)
    label_folder(folder, shop.recipe.teacher, shop.interpreter, shop.n_processes)
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


def train_ensemble(shop: Workshop, training: Training, number: int, *, final: bool = False) -> list[Path]:
    """Train all models on the labels of the seed and of the rounds before ``number``."""
    home = shop.final_folder if final else shop.round_folder(number)
    data = home / "data"
    make_once(data / SYSTEMS, lambda: write_training_data(shop.recipe, labelled_so_far(shop, number), data))

    def piece(which: int) -> Piece:
        name = f"model-{which + 1}"
        last = shop.round_folder(number - 1) / name if number > 1 else None
        seed = shop.model_seed(which, 0 if final else number)
        return Piece(
            home / name / MODEL,
            lambda: _ignored(train_model(shop.recipe, training, data, home / name, seed, last)),
        )

    pieces = [piece(which) for which in range(shop.recipe.n_models)]
    make_all(pieces, shop.n_processes)
    return [piece.product for piece in pieces]


def _ignored(result: object) -> None:
    """Nothing, of what is called for its effect."""


def explore_and_label(shop: Workshop, one: Round, models: Sequence[Path], number: int) -> None:
    """Let the students explore in ``trips/`` and label what they find in ``labels/``, ``held-out/``."""
    recipe, home = shop.recipe, shop.round_folder(number)
    given = home / GIVEN
    if not given.is_file():
        planned = trips(one.expeditions, shop.sources(), home / "trips", recipe.seed + number)
        lost = explore(planned, models, recipe.elements, shop.n_processes)
        make_once(given, lambda: write_given_frames(shop, planned, lost, models, home, number))
    for folder in (home / "labels", home / "held-out"):
        label_folder(folder, recipe.teacher, shop.interpreter, shop.n_processes)


def labelled_so_far(shop: Workshop, before_round: int) -> list[Atoms]:
    """Labelled frames of the seed and of all rounds before this one, within the recipe's limits."""
    folders = [shop.seed_folder]
    folders += [shop.round_folder(number) / "labels" for number in range(1, before_round)]
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
    for folder in [shop.seed_folder, *sorted(shop.folder.glob("round-*/labels"))]:
        frames, n_dropped = kept_labels(folder, shop.recipe.limits)
        dropped["force_too_large"] += n_dropped
        if (folder.parent / ROUND).is_file():
            done = read_json(folder.parent / ROUND)
            dropped["atoms_too_close"] += done["frames_too_close"]
            dropped["trips_ended_early"] += done["trips_ended_early"]
        for atoms in frames:
            origin = str(atoms.info.get("origin", "unknown"))
            kept[origin] = kept.get(origin, 0) + 1
    return {"kept": dict(sorted(kept.items())), "dropped": dropped}
