"""Orderings that student and teacher relaxed: energies, and who ended in another minimum."""

from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from atomstates.potentials.validation import relaxed
from atomstates.potentials.validation.relaxed import RelaxedOrderings, ordering_tests

SUBJECT = SimpleNamespace(
    model="model.pb",
    asked=SimpleNamespace(targets=SimpleNamespace(ordering_rms_meV_per_atom=0.7)),
)


def relaxed_cell(energy, moved=0.0, length=8.0):
    """Four atoms in a cube; one of them ``moved`` (Å) along x."""
    atoms = Atoms(
        "LiLiYCl", np.array([[0, 0, 0], [4, 0, 0], [0, 4, 0], [0, 0, 4]]), cell=[8.0] * 3, pbc=True
    )
    atoms.positions[0, 0] += moved
    atoms.set_cell([length] * 3, scale_atoms=True)
    atoms.calc = SinglePointCalculator(atoms, energy=energy)
    atoms.info["converged"] = True
    return atoms


@pytest.fixture
def found(monkeypatch):
    """Three orderings; the last one relaxed into another minimum, where the student is 40 meV too low."""
    student = (relaxed_cell(-40.0), relaxed_cell(-39.9, 0.1, 8.1), relaxed_cell(-40.04, 2.0))
    teacher = (relaxed_cell(-41.0), relaxed_cell(-40.9), relaxed_cell(-41.0))
    at_teacher = {-41.0: -40.0, -40.9: -39.9}

    def answers(_, frames):
        return [SimpleNamespace(energy=at_teacher[atoms.get_potential_energy()]) for atoms in frames]

    monkeypatch.setattr(relaxed, "answers", answers)
    return {"alpha": RelaxedOrderings(student, teacher, (np.empty((0, 3)),) * 3, 0)}


def test_ordering_in_another_minimum_is_named_and_counts(found):
    part = ordering_tests(SUBJECT, found)
    error = np.array([0, 0, -10.0])
    expected = np.sqrt(np.mean((error - error.mean()) ** 2))
    assert part.tests[0].value == pytest.approx(expected)
    assert not part.tests[0].passed
    assert part.tests[0].note.endswith("; 1 in another minimum than the teacher's")
    # one of four atoms moved, so all shift by a quarter of it; a larger cell alone moves nothing
    distances = part.tables["orderings"]["largest_distance_A"]
    assert distances.to_numpy() == pytest.approx([0, 0.075, 1.5], abs=1e-9)


def test_same_structures_are_compared_as_well(found):
    part = ordering_tests(SUBJECT, found)
    assert part.tests[1].name.startswith("orderings as the teacher relaxed them")
    assert part.tests[1].value == pytest.approx(0, abs=1e-9)
