"""One training of the model: DeePMD's data and input file, ``dp train``, ``dp freeze``, ``dp compress``."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ase import Atoms

from atomstates.errors import InputError, ProgramError
from atomstates.potentials import deepmd_commands
from atomstates.potentials.dataset import write_dataset
from atomstates.potentials.recipe import Recipe, Training
from atomstates.products import read_json, write_json

MODEL = "model.pb"
UNCOMPRESSED = "uncompressed.pb"
SYSTEMS = "systems.json"
_INPUT = "input.json"
_CHECKPOINT = "model.ckpt"
_HELD_BACK_EVERY = 25
"""Every n-th frame only watches the training (column ``val`` of lcurve.out)."""
_COMPRESSION_STEP = "0.01"
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "DP_INTRA_OP_PARALLELISM_THREADS": "1",
    "DP_INTER_OP_PARALLELISM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
"""Small networks gain nothing from a second thread; the ensemble's models train side by side."""


def training_input(
    recipe: Recipe,
    training: Training,
    seed: int,
    made: Sequence[Path],
    found: Sequence[Path],
    watchers: Sequence[Path],
) -> dict[str, Any]:
    """Content of DeePMD's ``input.json`` (DeePMD-kit manual, "Training").

    ``made`` and ``found`` are the systems of made structures and of the student's own frames.
    """
    shape, weights = recipe.shape, recipe.weights
    prefactors = {
        f"{edge}_pref_{letter}": getattr(weights, name)[which]
        for letter, name in (("e", "energy"), ("f", "force"), ("v", "virial"), ("ae", "atomic_energy"))
        for which, edge in enumerate(("start", "limit"))
    }
    return {
        "model": {
            "type_map": list(recipe.elements),
            **shape.descriptor(seed),
            "fitting_net": {"neuron": list(shape.fitting), "precision": shape.precision, "seed": seed},
        },
        "learning_rate": {
            "type": "exp",
            "start_lr": training.learning_rate[0],
            "stop_lr": training.learning_rate[1],
            "decay_steps": training.decay_steps,
        },
        "loss": {"type": "ener", **prefactors},
        "training": {
            "numb_steps": training.steps,
            "seed": seed,
            "training_data": {
                "systems": [str(path) for path in (*made, *found)],
                "batch_size": training.batch,
                "auto_prob": shares(training.made_share, len(made), len(found)),
            },
            "validation_data": {"systems": [str(path) for path in watchers], "batch_size": training.batch},
            "disp_freq": 500,
            "save_freq": 1000,
            "max_ckpt_keep": 1,
        },
    }


def shares(made_share: float | None, n_made: int, n_found: int) -> str:
    """DeePMD's ``auto_prob``: how often each block of systems is drawn, within a block by its size."""
    if made_share is None or not n_made or not n_found:
        return "prob_sys_size"
    whole = n_made + n_found
    return f"prob_sys_size;0:{n_made}:{made_share};{n_made}:{whole}:{1 - made_share}"


def write_training_data(recipe: Recipe, frames: Sequence[Atoms], folder: Path) -> None:
    """Leave the frames as DeePMD systems in ``folder``, and in ``systems.json`` which are which.

    ``made`` are structures of the recipe's families, ``found`` those of the student's own
    dynamics; ``watching`` are never trained on.
    """
    watching = set(range(0, len(frames), _HELD_BACK_EVERY))
    taught = [atoms for i, atoms in enumerate(frames) if i not in watching]
    families = {family.origin for family in recipe.families}
    parts = {
        "made": [atoms for atoms in taught if atoms.info["origin"] in families],
        "found": [atoms for atoms in taught if atoms.info["origin"] not in families],
        "watching": [frames[i] for i in sorted(watching)],
    }
    systems = {
        name: [
            str(path.relative_to(folder)) for path in write_dataset(part, folder / name, recipe.elements)
        ]
        for name, part in parts.items()
    }
    write_json(folder / SYSTEMS, {"frames": len(frames), "systems": systems})


def train_model(
    recipe: Recipe, training: Training, data: Path, folder: Path, seed: int, last: Path | None
) -> Path:
    """Train on the systems in ``data`` and return the compressed model; one that exists is kept.

    An interrupted training goes on from its checkpoint. ``last`` is the folder of the training
    whose weights this one starts from, if it does.

    Raises
    ------
    InputError
        The weights to start from are of a model for other elements.
    ProgramError
        DeePMD failed; the message quotes its log.
    """
    model = folder / MODEL
    if model.is_file():
        return model
    folder.mkdir(parents=True, exist_ok=True)
    listed = read_json(data / SYSTEMS)["systems"]
    systems = [
        [Path(os.path.relpath(data / name, folder)) for name in listed[part]]
        for part in ("made", "found", "watching")
    ]
    start: list[str] = []
    if (folder / "checkpoint").is_file():
        start = ["--restart", _CHECKPOINT]
    elif training.continue_last and last is not None:
        _refuse_other_elements(recipe, last)
        start = ["--init-model", str((last / _CHECKPOINT).resolve())]
    write_json(folder / _INPUT, training_input(recipe, training, seed, *systems))
    unfinished = f"unfinished-{MODEL}"
    _run_deepmd(
        [
            ["train", _INPUT, *start, "--skip-neighbor-stat"],
            ["freeze", "-o", UNCOMPRESSED],
            ["compress", "-i", UNCOMPRESSED, "-o", unfinished, "-t", _INPUT, "-s", _COMPRESSION_STEP],
        ],
        folder,
    )
    (folder / unfinished).replace(model)
    return model


def _refuse_other_elements(recipe: Recipe, last: Path) -> None:
    """Weights belong to elements by their number: another type map would mix them up."""
    known = read_json(last / _INPUT)["model"]["type_map"]
    if known != list(recipe.elements):
        raise InputError(
            f"{last}: the weights to continue from (continue_last) are of a model with the type map "
            f"{' '.join(known)}, the recipe has {' '.join(recipe.elements)}. Train without continue_last, "
            "or in a new work folder."
        )


def watching_frames(frames: Sequence[Atoms]) -> list[Atoms]:
    """Those of the labelled frames that no training of this recipe saw."""
    return list(frames[::_HELD_BACK_EVERY])


def _run_deepmd(commands: Sequence[Sequence[str]], folder: Path) -> None:
    """Run DeePMD's commands in ``folder`` on one core, or as many as the environment says."""
    log = folder / "dp.log"
    command = [sys.executable, deepmd_commands.__file__, json.dumps(commands)]
    with log.open("a", encoding="utf-8") as handle:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=handle,
            stderr=subprocess.STDOUT,
            env=_ONE_THREAD | os.environ,
            check=False,
        )
    if done.returncode:
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
        raise ProgramError(f"{json.dumps(command)} in {folder} failed ({log}):\n{last}")
