import numpy as np
import pytest

from atomstates.lammps.data import lammps_frame
from atomstates.potentials.cell import Evaluation, free_strains, relaxed

HEXAGONAL = lammps_frame(np.array([[11.0, 0, 0], [-5.5, 5.5 * np.sqrt(3), 0], [0, 0, 6.0]]))
NO_STRAIN = np.empty((0, 3, 3))


def springs(lengths: np.ndarray, strength: float = 2.0):
    """One atom in a cell whose three vectors are springs of given rest lengths."""

    def evaluation(lattice, positions):
        along = np.linalg.norm(lattice, axis=1)
        stretch = along - lengths
        # dE/d(eta) with rows r' = r (1 + eta): sum_i k (l_i - l0_i) v_i v_i^T / l_i.
        virial = np.einsum("i,ij,ik->jk", strength * stretch / along, lattice, lattice)
        cartesian = (positions - 0.5) @ lattice
        # The atom is held in the middle of the cell by a spring of its own.
        energy = 0.5 * strength * (stretch @ stretch) + 0.5 * np.sum(cartesian**2)
        virial = virial + cartesian.T @ cartesian
        return Evaluation(float(energy), -cartesian, virial / np.linalg.det(lattice))

    return evaluation


def test_free_cell_finds_the_lengths_of_its_springs_and_the_middle() -> None:
    start = np.diag([4.0, 5.0, 6.0])
    result = relaxed(
        springs(np.array([4.2, 5.1, 5.7])),
        start,
        np.array([[0.45, 0.5, 0.53]]),
        free_strains("orthorhombic", start),
    )
    assert result.converged
    assert np.diag(result.lattice) == pytest.approx([4.2, 5.1, 5.7], rel=1e-4)
    assert result.positions == pytest.approx(np.full((1, 3), 0.5), rel=1e-2)
    assert result.largest_pressure < 10


def test_hexagonal_cell_stays_hexagonal_when_its_atoms_would_not() -> None:
    result = relaxed(
        springs(np.array([11.4, 11.0, 6.2])),
        HEXAGONAL,
        np.full((1, 3), 0.5),
        free_strains("trigonal", HEXAGONAL),
    )
    a, b, c = np.linalg.norm(result.lattice, axis=1)
    assert result.converged
    assert a == pytest.approx(b, rel=1e-12)
    assert (a, c) == (pytest.approx(11.2, rel=1e-4), pytest.approx(6.2, rel=1e-4))
    assert result.lattice[0] @ result.lattice[1] == pytest.approx(-a * a / 2, rel=1e-9)


def test_given_cell_is_kept() -> None:
    result = relaxed(springs(np.array([9.0, 9.0, 9.0])), HEXAGONAL, np.array([[0.4, 0.5, 0.5]]), NO_STRAIN)
    assert result.converged
    assert np.array_equal(result.lattice, HEXAGONAL)
    assert result.positions == pytest.approx(np.full((1, 3), 0.5), rel=1e-2)


def test_cell_that_falls_apart_does_not_count_as_relaxed() -> None:
    result = relaxed(
        springs(np.array([11.0, 11.0, 60.0])),
        HEXAGONAL,
        np.full((1, 3), 0.5),
        free_strains("trigonal", HEXAGONAL),
    )
    assert not result.converged


@pytest.mark.parametrize(
    ("system", "lattice", "n_free"),
    [
        ("cubic", np.eye(3), 1),
        ("trigonal", HEXAGONAL, 2),
        ("tetragonal", np.diag([4.0, 4.0, 6.0]), 2),
        ("orthorhombic", np.diag([4.0, 5.0, 6.0]), 3),
        ("monoclinic", np.diag([4.0, 5.0, 6.0]), 6),
        ("trigonal", lammps_frame(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1.0]])), 6),
    ],
)
def test_each_family_has_its_strains(system, lattice, n_free) -> None:
    strains = free_strains(system, lattice)
    assert strains.shape == (n_free, 3, 3)
    products = np.einsum("aij,bij->ab", strains, strains)
    assert np.allclose(products, np.eye(n_free), rtol=1e-12)
    assert not np.triu(strains, k=1).any()
