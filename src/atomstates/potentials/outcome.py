"""What the ``potentials`` stage found: ``structure.json``, checks and numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.periodic_table import Element

from atomstates.campaign.schema import Material
from atomstates.lammps.potential import atom_style
from atomstates.potentials.cell import Relaxed
from atomstates.potentials.selection import NEARLY_EQUAL, Ranked, nearly_equal
from atomstates.products import Check, Measured, Summary, provenance
from atomstates.structures.candidates import Candidate, OrderedCell
from atomstates.structures.stage import candidate_order

FloatArray = NDArray[np.float64]

_LARGEST_CHANGE = 3.0
"""Percent: a relaxed lattice farther from the measured one is warned about."""
_ORDERED = 0.99


@dataclass(frozen=True)
class Outcome:
    """The chosen ordering and all others.

    Attributes
    ----------
    material, elements
        The material, and its elements in type order.
    keeps_cell, crystal_system
        Whether the given cell was kept; system of the average crystal.
    given_unit_cell
        Vectors of the measured unit cell in LAMMPS' frame, rows, Å.
    order
        All candidates, the chosen one first.
    supercell, last
        The cell of all runs, and the relaxation that gave it.
    """

    material: Material
    elements: tuple[str, ...]
    keeps_cell: bool
    crystal_system: str
    given_unit_cell: FloatArray
    order: list[Ranked]
    supercell: OrderedCell
    last: Relaxed

    @property
    def unit_cell(self) -> FloatArray:
        """Vectors of the unit cell; the supercell's are their multiples."""
        unit: FloatArray = self.supercell.lattice / np.array(self.material.supercell)[:, None]
        return unit

    @property
    def lattice_change(self) -> FloatArray:
        """Change of a, b, c against the measured crystal, percent, shape (3,)."""
        before, after = (np.linalg.norm(cell, axis=1) for cell in (self.given_unit_cell, self.unit_cell))
        change: FloatArray = 100 * (after / before - 1)
        return change


def relaxed_order(entry: Ranked, material: Material) -> float | None:
    """Channel order of a candidate after its relaxation."""
    candidate = entry.candidate
    moved = Candidate(entry.cell, candidate.degeneracy, candidate.electrostatic_energy)
    return candidate_order(moved, material)


def lattice_check(outcome: Outcome) -> Check:
    """How far the potential's lattice is from the measured one."""
    if outcome.keeps_cell:
        left = f"{outcome.last.largest_force:.3f} eV/Å"
        return Check("lattice", "PASS", f"the given cell is kept; atoms relaxed to {left}")
    a, b, c = outcome.lattice_change
    large = float(np.abs(outcome.lattice_change).max()) > _LARGEST_CHANGE
    advice = "; consider md.cell: given, or another potential" if large else ""
    return Check(
        "lattice",
        "WARN" if large or not outcome.last.converged else "PASS",
        f"relaxed at 0 K: a {a:+.2f} %, b {b:+.2f} %, c {c:+.2f} % against the given crystal "
        f"(warned above {_LARGEST_CHANGE:g} %); pressure left "
        f"{outcome.last.largest_pressure:.1f} bar{advice}",
    )


def channel_check(outcome: Outcome) -> tuple[Check, ...]:
    """Whether the chosen ordering fills the channels in turn, where the material has channels."""
    order = relaxed_order(outcome.order[0], outcome.material)
    if order is None:
        return ()
    if order >= _ORDERED:
        return (Check("channel order", "PASS", f"phi = {order:.2f} in the chosen ordering"),)
    return (
        Check(
            "channel order",
            "WARN",
            f"phi = {order:.2f} in the chosen ordering, 1 is needed for an ordered start: the potential "
            "prefers another pattern. See the candidates in structure.json; cold runs will not be ordered.",
        ),
    )


def structure_content(outcome: Outcome, seed: int) -> dict[str, Any]:
    """Content of ``structure.json``."""
    material, chosen = outcome.material, outcome.order[0]
    return {
        "material": material.name,
        "elements": outcome.elements,
        "masses_u": [float(Element(element).atomic_mass) for element in outcome.elements],
        "atom_style": atom_style(material.potential),
        "n_atoms": outcome.supercell.n_atoms,
        "composition": {e: outcome.supercell.elements.count(e) for e in outcome.elements},
        "unit_cell_A": outcome.unit_cell,
        "supercell": material.supercell,
        "ordering_cell": material.ordering.cell,
        "cell": "given" if outcome.keeps_cell else "relaxed",
        "crystal_system": outcome.crystal_system,
        "cell_before": _parameters(outcome.given_unit_cell),
        "cell_after": _parameters(outcome.unit_cell),
        "largest_force_eV_per_A": outcome.last.largest_force,
        "largest_pressure_bar": None if outcome.keeps_cell else outcome.last.largest_pressure,
        "chosen_rank": chosen.rank,
        "candidates": [_row(entry, outcome) for entry in outcome.order],
        "substitution": [s.model_dump(mode="json") for s in material.substitution],
        "seed": seed,
        "provenance": provenance(),
    }


def summary(outcome: Outcome, checks: tuple[Check, ...]) -> Summary:
    """Numbers, checks and facts of the stage."""
    order, n = outcome.order, outcome.supercell.n_atoms
    tied = nearly_equal(order)
    left_out = [entry.rank for entry in order if not entry.relaxation.converged]
    if left_out:
        shown = ", ".join(map(str, left_out))
        checks = (
            *checks,
            Check("candidates", "WARN", f"orderings {shown} did not relax and were left out"),
        )
    lengths = np.linalg.norm(outcome.unit_cell, axis=1)
    numbers = {
        f"lattice_{name}": Measured(float(length), None, "Å", n)
        for name, length in zip("abc", lengths, strict=True)
    }
    numbers["volume_per_atom"] = Measured(outcome.supercell.volume / n, None, "Å³", n)
    numbers["energy"] = Measured(outcome.last.energy / _atoms_relaxed(outcome), None, "eV/atom", n)
    return Summary(
        numbers=numbers,
        checks=checks,
        facts={
            "chosen_rank": order[0].rank,
            "orderings": len(order),
            "nearly_equal_ranks": [entry.rank for entry in tied],
            "nearly_equal_within_meV_per_atom": 1000 * NEARLY_EQUAL,
            "channel_order": relaxed_order(order[0], outcome.material),
            "n_atoms": n,
        },
    )


def _atoms_relaxed(outcome: Outcome) -> int:
    """Atoms of the cell that was relaxed last: the supercell after a substitution."""
    return outcome.supercell.n_atoms if outcome.material.substitution else outcome.order[0].cell.n_atoms


def _row(entry: Ranked, outcome: Outcome) -> dict[str, Any]:
    """One candidate in ``structure.json``."""
    return {
        "rank": entry.rank,
        "degeneracy": entry.candidate.degeneracy,
        "electrostatic_energy_eV": entry.candidate.electrostatic_energy,
        "energy_eV_per_atom": entry.energy,
        "above_lowest_meV_per_atom": 1000 * (entry.energy - outcome.order[0].energy),
        "channel_order": relaxed_order(entry, outcome.material),
        "converged": entry.relaxation.converged,
        "largest_force_eV_per_A": entry.relaxation.largest_force,
        "evaluations": entry.relaxation.n_evaluations,
    }


def _parameters(cell: FloatArray) -> dict[str, float]:
    """Lattice parameters and volume of a cell."""
    from pymatgen.core.lattice import Lattice

    lattice = Lattice(cell)
    lengths = dict(zip(("a_A", "b_A", "c_A"), lattice.abc, strict=True))
    angles = dict(zip(("alpha_deg", "beta_deg", "gamma_deg"), lattice.angles, strict=True))
    return {**lengths, **angles, "volume_A3": lattice.volume}
