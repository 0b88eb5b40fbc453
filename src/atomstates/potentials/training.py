"""One training of the model: DeePMD's input file, ``dp train``, ``dp freeze``, ``dp compress``."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ase import Atoms

from atomstates.errors import ProgramError
from atomstates.potentials.dataset import write_dataset
from atomstates.potentials.recipe import Recipe, Training
from atomstates.products import write_json

MODEL = "model.pb"
UNCOMPRESSED = "uncompressed.pb"
_CHECKPOINT = "model.ckpt"
_HELD_BACK_EVERY = 25
"""Every n-th frame only watches the training (column ``val`` of lcurve.out)."""
_COMPRESSION_STEP = "0.01"


def training_input(
    recipe: Recipe,
    training: Training,
    seed: int,
    made: Sequence[Path],
    found: Sequence[Path],
    watchers: Sequence[Path],
) -> dict[str, Any]:
    """Content of DeePMD's ``input.json`` (DeePMD-kit manual, "Train", se_e2_a).

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
            "descriptor": {
                "type": "se_e2_a",
                "rcut": shape.cutoff_A,
                "rcut_smth": shape.smooth_from_A,
                "sel": list(shape.selection),
                "neuron": list(shape.embedding),
                "axis_neuron": shape.axis_neurons,
                "type_one_side": False,
                "precision": "float32",
                "seed": seed,
            },
            "fitting_net": {"neuron": list(shape.fitting), "precision": "float32", "seed": seed},
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
            "save_freq": 5000,
            "max_ckpt_keep": 1,
        },
    }


def shares(made_share: float | None, n_made: int, n_found: int) -> str:
    """DeePMD's ``auto_prob``: how often each block of systems is drawn, within a block by its size."""
    if made_share is None or not n_made or not n_found:
        return "prob_sys_size"
    whole = n_made + n_found
    return f"prob_sys_size;0:{n_made}:{made_share};{n_made}:{whole}:{1 - made_share}"


def train_model(
    recipe: Recipe, training: Training, frames: Sequence[Atoms], folder: Path, seed: int, last: Path | None
) -> Path:
    """Train on the frames in ``folder`` and return the compressed model; one that exists is kept.

    An interrupted training goes on from its checkpoint. ``last`` is the folder of the training
    whose weights this one starts from, if it does.

    Raises
    ------
    ProgramError
        DeePMD failed; the message quotes its log.
    """
    model = folder / MODEL
    if model.is_file():
        return model
    folder.mkdir(parents=True, exist_ok=True)
    watching = set(range(0, len(frames), _HELD_BACK_EVERY))
    taught = [atoms for i, atoms in enumerate(frames) if i not in watching]
    families = {family.origin for family in recipe.families}
    parts = {
        "made": [atoms for atoms in taught if atoms.info["origin"] in families],
        "found": [atoms for atoms in taught if atoms.info["origin"] not in families],
        "watching": [frames[i] for i in sorted(watching)],
    }
    systems = [
        [path.relative_to(folder) for path in write_dataset(part, folder / name, recipe.elements)]
        for name, part in parts.items()
    ]
    write_json(folder / "input.json", training_input(recipe, training, seed, *systems))
    start: list[str] = []
    if (folder / "checkpoint").is_file():
        start = ["--restart", _CHECKPOINT]
    elif training.continue_last and last is not None:
        start = ["--init-model", str((last / _CHECKPOINT).resolve())]
    _dp(["train", "input.json", *start, "--skip-neighbor-stat"], folder)
    _dp(["freeze", "-o", UNCOMPRESSED], folder)
    unfinished = f"unfinished-{MODEL}"
    _dp(
        ["compress", "-i", UNCOMPRESSED, "-o", unfinished, "-t", "input.json", "-s", _COMPRESSION_STEP],
        folder,
    )
    (folder / unfinished).replace(model)
    return model


def _dp(arguments: Sequence[str], folder: Path) -> None:
    """Run DeePMD's command line in ``folder``; the threads are those of the caller's environment."""
    log = folder / f"dp-{arguments[0]}.log"
    command = [sys.executable, "-m", "deepmd", "--tf", *arguments]
    with log.open("a", encoding="utf-8") as handle:
        done = subprocess.run(command, cwd=folder, stdout=handle, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
        raise ProgramError(f"{json.dumps(command)} in {folder} failed ({log}):\n{last}")
