"""Error against speed for shapes of a potential's networks: the choice behind the shipped one.

    python benchmarks/shapes.py FOLDER [--recipe YAML] [--steps 8000] [--only NAME] [--write]

FOLDER is the work folder of a training (``atomstates potentials train``): all shapes learn the labels
of its made structures, from the same initial seed, for the same number of steps. Errors are those
of forces and of the energies of mobile ions, on made structures that were held back and on the frames of
dynamics that the rounds of the training held out. Speed is molecular dynamics of 240 atoms in LAMMPS on one
core, the shapes taking turns; what counts is the processor's time, so that other programs disturb little.
Trainings that are done are not done again. ``--write`` puts the table into ``benchmarks/README.md`` and the
figure into ``docs/``.
"""

import argparse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from matplotlib.figure import Figure
from readme import write_table

from atomstates.lammps.log import loops
from atomstates.potentials.exploration import Trip, knobs, run_lammps, write_start
from atomstates.potentials.labelling import all_labels, kept_labels
from atomstates.potentials.pipeline import Workshop
from atomstates.potentials.recipe import Expedition, Recipe, Training, read_recipe
from atomstates.potentials.student import answers
from atomstates.potentials.training import UNCOMPRESSED, train_model, watching_frames, write_training_data
from atomstates.products import read_json, write_json
from atomstates.report.style import as_svg, blank_figure, style
from atomstates.resources import workflow_folder

FIGURE = Path(__file__).parents[1] / "docs" / "howto" / "shapes.svg"
TURNS = 5
MD_STEPS = 200
CELL = (2, 2, 2)

ONE_FOR_ALL = {"selection": [70], "type_embedding": [16]}
ONE_A_PAIR = {"selection": [30, 9, 44, 44], "type_embedding": None}
BIG = {"embedding": [32, 32, 32], "axis_neurons": 8, "fitting": [100, 100]}
SMALL = {"embedding": [16, 32], "axis_neurons": 8, "fitting": [64, 64, 64]}
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "A": ONE_FOR_ALL | BIG,
    "B": ONE_A_PAIR | BIG,
    "C": ONE_FOR_ALL | SMALL,
    "D": ONE_A_PAIR | SMALL,
    "E": ONE_FOR_ALL | BIG | {"axis_neurons": 4},
    "F": ONE_FOR_ALL | BIG | {"embedding": [16, 16, 16]},
    "G": ONE_FOR_ALL | BIG | {"embedding": [64, 64, 64]},
    "H": ONE_FOR_ALL | BIG | {"cutoff_A": 5.5},
    "I": ONE_FOR_ALL | BIG | {"cutoff_A": 7.5, "selection": [100]},
    "J": ONE_FOR_ALL | BIG | {"precision": "float64"},
    "K": ONE_FOR_ALL | BIG | {"fitting": [200, 200]},
    "L": ONE_FOR_ALL | BIG | {"cutoff_A": 6.0},
    "M": ONE_FOR_ALL | BIG | {"embedding": [32, 32, 32, 32, 32]},
    "N": ONE_FOR_ALL | BIG | {"embedding": [48, 48, 48]},
    "O": ONE_FOR_ALL | BIG | {"embedding": [64, 64, 64], "cutoff_A": 5.5},
}
"""What differs from the recipe's shape; A is the one that was chosen."""


def trained(recipe: Recipe, frames: list[Atoms], steps: int, folder: Path) -> Path:
    data = folder.parent / "data"
    if not (data / "systems.json").is_file():
        write_training_data(recipe, frames, data)
    return train_model(
        recipe, Training(steps=steps, learning_rate=(5e-3, 1e-5)), data, folder, recipe.seed, None
    )


def errors(model: Path, frames: list[Atoms], ion: str) -> dict[str, float]:
    """Errors of forces (root mean square, meV/Å) and of the ions' relative energies (deviation, meV)."""
    pairs = list(zip(frames, answers(model, frames), strict=True))
    force = np.concatenate([(one.forces - atoms.get_forces()).ravel() for atoms, one in pairs])
    energy = np.concatenate(
        [
            (one.atomic_energies - atoms.get_potential_energies())[np.array(atoms.symbols) == ion]
            for atoms, one in pairs
        ]
    )
    return {
        "force_meV_per_A": 1e3 * float(np.sqrt(np.mean(force**2))),
        "ion_meV": 1e3 * float(np.std(energy)),
    }


def milliseconds_a_step(start: Atoms, model: Path, elements: tuple[str, ...], folder: Path) -> float:
    """Processor's time of a step of molecular dynamics."""
    asked = Expedition(
        origin="speed",
        filling="random",
        temperatures_K=(600.0,),
        run_ps=0.002 * MD_STEPS,
        frame_every_ps=1.0,
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_start(start, folder, model, elements)
    run_lammps(folder, "explore.in", knobs(Trip(folder, start, 600.0, asked, 1), elements))
    loop = loops((folder / "log.lammps").read_text(encoding="utf-8"))[0]
    return 1e3 * loop.seconds_a_step * (loop.cpu_use or 1.0)


def measured(shop: Workshop, steps: int, names: list[str], home: Path) -> dict[str, dict[str, Any]]:
    """Train all shapes, then ask them all in turn."""
    frames, _ = kept_labels(shop.seed_folder, shop.recipe.limits)
    recipes = {
        name: shop.recipe.model_copy(
            update={"shape": type(shop.recipe.shape)(**shop.recipe.shape.model_dump() | SHAPES[name])}
        )
        for name in names
    }
    trained(recipes[names[0]], frames, steps, home / names[0])  # writes the data that all share
    with ThreadPoolExecutor(shop.n_processes) as pool:
        models = dict(
            zip(
                names,
                pool.map(lambda name: trained(recipes[name], frames, steps, home / name), names),
                strict=True,
            )
        )
    held_back = watching_frames(frames)
    met = [atoms for folder in sorted(shop.folder.glob("round-*/held-out")) for atoms in all_labels(folder)]
    unit = shop.host()
    large = unit.repeated(CELL)
    chosen = np.random.default_rng(shop.recipe.seed).choice(len(large.sites), large.n_mobile, replace=False)
    start = large.filled(large.sites[chosen])
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(TURNS):
        for name in names:
            times[name].append(
                milliseconds_a_step(start, models[name], shop.recipe.elements, home / name / "md")
            )
    return {
        name: {
            "made": errors(models[name], held_back, shop.recipe.mobile),
            "met": errors(models[name], met, shop.recipe.mobile),
            "ms_a_step": float(np.min(times[name])),
            "MB": models[name].stat().st_size / 1e6,
            "uncompressed_MB": (home / name / UNCOMPRESSED).stat().st_size / 1e6,
            "shape": recipes[name].shape.model_dump(),
        }
        for name in names
    } | {
        "all": {
            "ion": shop.recipe.mobile,
            "frames": len(frames),
            "held_back": len(held_back),
            "met": len(met),
            "steps": steps,
            "atoms": len(start),
        }
    }


def described(shape: Mapping[str, Any]) -> list[str]:
    joined = "-".join
    return [
        "one" if shape["type_embedding"] else "one a pair of elements",
        joined(map(str, shape["embedding"])),
        str(shape["axis_neurons"]),
        joined(map(str, shape["fitting"])),
        f"{shape['cutoff_A']:g}",
        shape["precision"],
    ]


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    said, fastest = found["all"], found["A"]["ms_a_step"]
    head = (
        f"{said['frames'] - said['held_back']} made structures learned in {said['steps']} steps; errors on "
        f"{said['held_back']} others and on {said['met']} frames of dynamics; molecular dynamics of "
        f"{said['atoms']} atoms on one core:\n\n"
        "| | embedding | layers | axis | fitting | cutoff, Å | precision | forces, meV/Å: made | dynamics "
        f"| energies of {said['ion']}, meV: made | dynamics | time a step, A = 1 | file, MB |\n"
        + "| --- " * 13
        + "|\n"
    )
    rows = [
        f"| {name} | {' | '.join(described(one['shape']))} "
        f"| {one['made']['force_meV_per_A']:.0f} | {one['met']['force_meV_per_A']:.0f} "
        f"| {one['made']['ion_meV']:.0f} | {one['met']['ion_meV']:.0f} "
        f"| {one['ms_a_step'] / fastest:.2f} | {one['MB']:.1f} |"
        for name, one in found.items()
        if name != "all"
    ]
    return head + "\n".join(rows)


def drawn(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Errors on frames of dynamics against time a step; towards the lower left is better."""
    figure = blank_figure(3.2)
    panels = figure.subplots(1, 2)
    for axes, key, label in zip(
        panels,
        ("force_meV_per_A", "ion_meV"),
        ("error of forces (meV/Å)", f"error of energies of {found['all']['ion']} (meV)"),
        strict=True,
    ):
        in_order = sorted(found.keys() - {"all"}, key=lambda name: float(found[name]["ms_a_step"]))
        for i, name in enumerate(in_order):
            one = found[name]
            time = one["ms_a_step"] / found["A"]["ms_a_step"]
            one_for_all = one["shape"]["type_embedding"] is not None
            axes.plot(
                time,
                one["met"][key],
                "o" if one_for_all else "s",
                color="#D55E00" if name == "A" else "#0072B2",
                mfc="none" if not one_for_all else None,
            )
            axes.annotate(
                name,
                (time, one["met"][key]),
                xytext=(-9, -9) if i % 2 else (4, 3),
                textcoords="offset points",
            )
        axes.set_xlabel("time of a step, that of A = 1")
        axes.set_ylabel(label)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipe", type=Path, default=workflow_folder() / "potentials" / "li-y-cl-br.yaml")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", choices=SHAPES, action="append", help="shapes besides A")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    shop = Workshop(read_recipe(asked.recipe), asked.folder, "unused", asked.processes)
    home = asked.folder / f"shapes-{asked.steps}"
    names = list(SHAPES) if asked.only is None else ["A", *(n for n in SHAPES if n in asked.only)]
    measured_file = home / "measured.json"
    found = measured(shop, asked.steps, names, home)
    write_json(measured_file, found)
    print(table(read_json(measured_file)))
    if asked.write:
        write_table("shapes.py", table(found))
        with style():
            FIGURE.write_bytes(as_svg(drawn(found)))


if __name__ == "__main__":
    main()
