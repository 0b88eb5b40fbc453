"""The model's file and its speed: compression against the uncompressed model, size, ns a day."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from ase import Atoms

from atomstates.errors import ProgramError
from atomstates.lammps.log import loops
from atomstates.potentials.exploration import TIMESTEP, run_lammps, write_start
from atomstates.potentials.student import answers
from atomstates.potentials.validation.orderings import large_cell
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, Verdict, at_least, at_most, reported
from atomstates.products import file_hash, read_json, write_json

_BYTES_PER_MB = 1e6
_ROUNDS = 3
"""Each model's turns: the speed is the median."""
_UNDISTURBED = 0.95
"""Share of a core below which other programs have slowed a run down."""
_PS_PER_NS = 1e3
_SECONDS_PER_DAY = 86400
_DYNAMICS = 1
"""Which loop of ``benchmark.in``."""


def compression_tests(subject: Subject, uncompressed: Path, frames: Sequence[Atoms]) -> Part:
    """Compressed against original model: energy per atom, and the largest difference of one atom."""
    some = frames[:: max(1, len(frames) // 20)]
    pairs = list(zip(answers(subject.model, some), answers(uncompressed, some), strict=True))
    whole = max(1e3 * abs(a.energy - b.energy) / len(a.atomic_energies) for a, b in pairs)
    single = max(1e3 * np.abs(a.atomic_energies - b.atomic_energies).max() for a, b in pairs)
    force = max(1e3 * np.abs(a.forces - b.forces).max() for a, b in pairs)
    most = subject.asked.targets.compression_meV_per_atom
    note = f"largest of {len(some)} frames"
    return Part(
        (
            at_most("compression, energy", whole, most, "meV/atom", note),
            at_most("compression, one atom's energy", single, 10 * most, "meV", note),
            reported("compression, one force", force, "meV/Å", note),
        )
    )


def size_test(subject: Subject) -> Verdict:
    """Size of the file."""
    size = subject.model.stat().st_size / _BYTES_PER_MB
    return at_most("model file", size, subject.asked.targets.file_MB, "MB")


def speed_tests(subject: Subject, reference: Atoms, name: str, against: Path | None) -> Part:
    """Speed on one core in the large cell of one material, in turns with another model."""
    start = large_cell(reference, subject.asked.materials[name], subject.recipe.elements)
    models = {"model": subject.model} | ({"against": against} if against is not None else {})
    home = subject.folder / "speed"
    product = home / f"against-{file_hash(against)[:12] if against is not None else 'none'}.json"
    if not product.is_file():
        measured: dict[str, list[tuple[float, float | None]]] = {key: [] for key in models}
        for turn in range(_ROUNDS):
            for key, model in models.items():
                measured[key].append(_measured(subject, start, model, home / f"{key}-{turn}"))
        write_json(product, {"n_atoms": len(start), "material": name, "measured": measured})
    said = read_json(product)
    table = pd.DataFrame(
        {
            "model": key,
            "ns_per_day": day,
            "cpu_use": np.nan if use is None else use,
            # What counts where other programs share the core.
            "ns_per_day_of_processor_time": day / (use or 1.0),
        }
        for key, turns in said["measured"].items()
        for day, use in turns
    )
    own = table[table["model"] == "model"]
    use = float(own["cpu_use"].min())
    note = (
        f"{len(start)} atoms ({name}), {TIMESTEP * 1e3:g} fs, one core; median of {len(own)} runs, "
        f"{own['ns_per_day'].min():.1f} to {own['ns_per_day'].max():.1f}"
    )
    busy = bool(use < _UNDISTURBED)
    if busy:
        note += f"; other programs shared the core ({100 * use:.0f} % CPU use)"
    speed = float(own["ns_per_day"].median())
    tests = [at_least("speed", speed, subject.asked.targets.speed_ns_per_day, "ns/day", note, doubt=busy)]
    if against is not None:
        by_processor = table.groupby("model")["ns_per_day_of_processor_time"].median()
        tests.append(
            reported(
                f"speed against {against.parent.name}",
                by_processor["model"] / by_processor["against"],
                "",
                f"by processor time, in turns; the other one {by_processor['against']:.1f} ns/day",
            )
        )
    return Part(tuple(tests), {"speed": table})


def _measured(subject: Subject, start: Atoms, model: Path, folder: Path) -> tuple[float, float | None]:
    """One short run: ns a day, and the share of a core that it had."""
    elements = [element for element in subject.recipe.elements if element in set(start.symbols)]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_start(start, folder, model, elements)
    (folder / "before.in").write_text("atom_style atomic\nbox tilt large\n", encoding="utf-8")
    values = {"steps": str(subject.asked.speed_steps), "most_steps": "1", "limit": "1:00:00"}
    done = run_lammps(folder, "benchmark.in", values)
    found = loops((folder / "log.lammps").read_text(encoding="utf-8", errors="replace"))
    if done.returncode or len(found) <= _DYNAMICS:
        raise ProgramError(f"{folder}: LAMMPS ended with {done.returncode}:\n{done.stdout[-800:]}")
    one = found[_DYNAMICS]
    return TIMESTEP / _PS_PER_NS / one.seconds_a_step * _SECONDS_PER_DAY, one.cpu_use
