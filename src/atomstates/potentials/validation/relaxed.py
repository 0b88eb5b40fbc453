"""Relaxed orderings of all materials: their energies, lattices and curves against the teacher's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ase import Atoms
from scipy.stats import spearmanr

from atomstates.potentials.host import FloatArray
from atomstates.potentials.student import answers
from atomstates.potentials.validation.orderings import drawn_orderings, vacant_sites
from atomstates.potentials.validation.subject import Subject
from atomstates.potentials.validation.verdict import Part, Verdict, at_most, reported

_LENGTHS = ("a", "b", "c")
_OTHER_MINIMUM = 0.7
"""Å: an atom that is farther from its place at the teacher's has been caught by another site."""


@dataclass(frozen=True)
class RelaxedOrderings:
    """Orderings of one material, relaxed by the model and, from there, by the teacher.

    Attributes
    ----------
    vacant
        Fractional positions of the vacant sites of each ordering.
    reference
        Index of the ordering that stands for the material.
    """

    student: tuple[Atoms, ...]
    teacher: tuple[Atoms, ...]
    vacant: tuple[FloatArray, ...]
    reference: int

    def energies(self) -> FloatArray:
        """Of student and teacher less their means over the orderings, shape (2, n), meV/atom."""
        return np.array(
            [
                _about_mean(1e3 * atoms.get_potential_energy() / len(atoms) for atoms in group)
                for group in (self.student, self.teacher)
            ]
        )


def _about_mean(energies: Iterable[float]) -> FloatArray:
    values = np.array([*energies])
    relative: FloatArray = values - values.mean()
    return relative


def relaxed_orderings(subject: Subject) -> dict[str, RelaxedOrderings]:
    """Orderings of every material, drawn with the recipe's seed; what is relaxed already is kept."""
    asked, sources = subject.asked, subject.shop.sources()
    drawn = {
        name: drawn_orderings(
            sources[material.crystal], material, name, asked.orderings, subject.recipe.seed
        )
        for name, material in asked.materials.items()
    }
    home = subject.folder / "orderings"
    given = [atoms for group in drawn.values() for atoms in group]
    student = subject.relaxed_by_model(given, home / "student")
    # The teacher starts from the student's relaxed structures: same valley, few steps.
    teacher = subject.labelled(student, home / "teacher", relax=True)
    found, first = {}, 0
    for name, material in asked.materials.items():
        unit, group = sources[material.crystal].unit, drawn[name]
        own, other = (side[first : first + len(group)] for side in (student, teacher))
        first += len(group)
        lowest = int(np.argmin([atoms.get_potential_energy() / len(atoms) for atoms in other]))
        found[name] = RelaxedOrderings(
            tuple(own),
            tuple(other),
            tuple(vacant_sites(unit, material.cell, atoms) for atoms in group),
            lowest if material.ordered is None else 0,
        )
    return found


def ordering_tests(subject: Subject, found: Mapping[str, RelaxedOrderings]) -> Part:
    """Relative energies of the orderings of each material."""
    rows, gaps, same_structure, tests = [], [], [], []
    for name, one in found.items():
        energies = one.energies()
        gaps.append(energies[0] - energies[1])
        at_teacher = _about_mean(
            1e3 * said.energy / len(atoms)
            for said, atoms in zip(answers(subject.model, one.teacher), one.teacher, strict=True)
        )
        same_structure.append(at_teacher - energies[1])
        for number, (own, other) in enumerate(zip(one.student, one.teacher, strict=True)):
            rows.append(
                {
                    "material": name,
                    "ordering": number,
                    "student_meV_per_atom": energies[0, number],
                    "teacher_meV_per_atom": energies[1, number],
                    "student_at_teachers_meV_per_atom": at_teacher[number],
                    "student_converged": bool(own.info["converged"]),
                    "teacher_converged": bool(other.info["converged"]),
                    "largest_distance_A": _largest_distance(own, other),
                }
            )
        tests.append(_rank(name, energies))
    table = pd.DataFrame(rows)
    loose = int(len(table) - (table["student_converged"] & table["teacher_converged"]).sum())
    gap = np.concatenate(gaps)
    each = ", ".join(f"{name} {_rms(one):.2f}" for name, one in zip(found, gaps, strict=True))
    note = f"{len(gap)} orderings, each material about its mean: {each}"
    if loose:
        note += f"; {loose} relaxations not converged"
    apart = int((table["largest_distance_A"] > _OTHER_MINIMUM).sum())
    if apart:
        note += f"; {apart} in another minimum than the teacher's"
    most = subject.asked.targets.ordering_rms_meV_per_atom
    test = at_most("relaxed orderings, RMS error", _rms(gap), most, "meV/atom", note, doubt=loose > 0)
    single_points = reported(
        "orderings as the teacher relaxed them, RMS error",
        _rms(np.concatenate(same_structure)),
        "meV/atom",
        "without what comes from relaxing into other minima",
    )
    return Part((test, single_points, *tests), {"orderings": table})


def _largest_distance(own: Atoms, other: Atoms) -> float:
    """How far an atom is at most from its place in another cell (Å), scaled and shifted onto it."""
    gap = own.get_scaled_positions() - other.get_scaled_positions()
    gap -= np.round(gap)
    gap -= gap.mean(axis=0)
    return float(np.linalg.norm(gap @ other.cell[:], axis=1).max())


def _rank(name: str, energies: FloatArray) -> Verdict:
    """Spearman's rank correlation of the orderings' energies."""
    label = f"rank correlation of orderings, {name}"
    span = float(np.ptp(energies[1]))
    if min(np.ptp(side) for side in energies) == 0:
        return reported(label, 0.0, "", "all energies of one side are the same")
    rank = float(spearmanr(energies[0], energies[1]).statistic)
    return reported(label, rank, "", f"{energies.shape[1]} orderings, {span:.1f} meV/atom apart")


def _rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def lattice_tests(subject: Subject, found: Mapping[str, RelaxedOrderings]) -> Part:
    """Lengths and angles of each material's relaxed reference ordering."""
    rows, tests = [], []
    for name, one in found.items():
        copies = np.array([*subject.asked.materials[name].cell, 1, 1, 1])
        own, other = (side[one.reference].cell.cellpar() / copies for side in (one.student, one.teacher))
        for axis, quantity in enumerate(("a", "b", "c", "alpha", "beta", "gamma")):
            row = {"material": name, "quantity": quantity, "unit": "Å" if axis < 3 else "°"}
            rows.append(row | {"student": own[axis], "teacher": other[axis]})
        deviation = np.abs(own[:3] / other[:3] - 1)
        worst = int(deviation.argmax())
        note = (
            f"{_LENGTHS[worst]}: student {own[worst]:.4f} Å, teacher {other[worst]:.4f} Å; volume "
            f"{100 * (_volume(own) / _volume(other) - 1):+.2f} %"
        )
        tests.append(
            at_most(
                f"relaxed lattice, largest deviation of a length, {name}",
                100 * deviation[worst],
                100 * subject.asked.targets.lattice,
                "%",
                note,
                doubt=not one.teacher[one.reference].info["converged"],
            )
        )
    return Part(tuple(tests), {"lattice": pd.DataFrame(rows)})


def _volume(cell_parameters: FloatArray) -> float:
    return float(Atoms(cell=cell_parameters, pbc=True).get_volume())


def volume_tests(subject: Subject, found: Mapping[str, RelaxedOrderings]) -> Part:
    """Energy against volume of each reference, atoms at the same fractional positions."""
    asked = subject.asked.volumes
    changes = np.linspace(-asked.span, asked.span, asked.points)
    frames = []
    for name, one in found.items():
        for change in changes:
            atoms = one.teacher[one.reference].copy()
            atoms.set_cell(atoms.cell[:] * (1 + change) ** (1 / 3), scale_atoms=True)
            atoms.info = {"material": name, "change": float(change)}
            frames.append(atoms)
    labelled = subject.labelled(frames, subject.folder / "volumes")
    table = pd.DataFrame(
        {
            "material": str(atoms.info["material"]),
            "volume_A3_per_atom": atoms.get_volume() / len(atoms),
            "relative_volume": 1 + atoms.info["change"],
            "student_eV_per_atom": said.energy / len(atoms),
            "teacher_eV_per_atom": atoms.get_potential_energy() / len(atoms),
        }
        for atoms, said in zip(labelled, answers(subject.model, labelled), strict=True)
    )
    tests = []
    for name, curve in table.groupby("material", sort=False):
        gap = 1e3 * (curve["student_eV_per_atom"] - curve["teacher_eV_per_atom"])
        volumes = [_lowest_volume(curve, f"{side}_eV_per_atom") for side in ("student", "teacher")]
        note = f"less their mean gap; lowest at {volumes[0]} (student), {volumes[1]} (teacher) Å³/atom"
        label = f"energy against volume, RMS error, {name}"
        tests.append(reported(label, _rms(np.asarray(gap - gap.mean())), "meV/atom", note))
    return Part(tuple(tests), {"volumes": table})


def _lowest_volume(curve: pd.DataFrame, column: str) -> str:
    """Volume of the lowest energy in words, by the parabola through the three lowest points."""
    volume, energy = (np.asarray(curve[name]) for name in ("volume_A3_per_atom", column))
    near = np.argsort(energy)[:3]
    second, first, _ = np.polyfit(volume[near], energy[near], 2)
    lowest = -first / (2 * second) if second > 0 else np.inf
    return f"{lowest:.2f}" if volume.min() < lowest < volume.max() else "none of these volumes"


def references(found: Mapping[str, RelaxedOrderings]) -> dict[str, Atoms]:
    """The reference ordering of each material as the model relaxed it."""
    return {name: bare(one.student[one.reference]) for name, one in found.items()}


def bare(atoms: Atoms, **info: object) -> Atoms:
    """A copy without results, with this ``info``."""
    copy = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=True)
    copy.info = dict(info)
    return copy


def turn(group: Sequence[Atoms], number: int) -> Atoms:
    """Members of a group in turns."""
    return group[number % len(group)]
