"""Frames as another program writes them: two wells of known depth in Li3YCl6-like halides."""

import numpy as np
from crystals import hcp_holes

OCTAHEDRAL, TETRAHEDRAL = -3.95, -3.75
"""eV: depth of the wells."""
_OTHERS = {"Cl": -4.5, "Br": -4.2}


def two_wells(n_frames, share, seed, temperature=600.0, bromide=0.25, shift=0.0):
    """Frames of 48 ions in the holes of hcp anions, a share of them in tetrahedra.

    Each is a dict of what the columns of extended XYZ hold.
    """
    random = np.random.default_rng(seed)
    anions, octahedra, tetrahedra, cell = hcp_holes((4, 4, 3))
    is_bromide = np.arange(len(anions)) < bromide * len(anions)
    frames = []
    for _ in range(n_frames):
        n_tetrahedral = random.binomial(48, share)
        ions = np.concatenate(
            [
                octahedra[random.permutation(len(octahedra))[: 48 - n_tetrahedral]],
                tetrahedra[random.permutation(len(tetrahedra))[:n_tetrahedral]],
            ]
        )
        levels = np.repeat([OCTAHEDRAL, TETRAHEDRAL], [48 - n_tetrahedral, n_tetrahedral])
        positions = np.concatenate([ions, anions])
        positions += random.normal(0, 0.04, positions.shape)
        element = np.concatenate([np.full(48, "Li"), np.where(is_bromide, "Br", "Cl")])
        others = [_OTHERS[name] for name in element[48:]]
        energies = np.concatenate([levels + random.normal(0, 0.005, 48), others]) + shift
        frames.append(
            {
                "element": element,
                "positions": positions,
                "cell": cell,
                "energies": energies,
                "temperature_K": temperature,
            }
        )
    return frames


def extended_xyz(frames, column="energies", lattice=True, forces=True):
    """Text of the frames, written by hand."""
    lines = []
    for frame in frames:
        cell = " ".join(f"{value:.8f}" for value in frame["cell"].ravel())
        head = [f'Lattice="{cell}" pbc="T T T"'] if lattice else []
        head.append(f"Properties=species:S:1:pos:R:3:{column}:R:1" + (":forces:R:3" if forces else ""))
        if frame.get("temperature_K") is not None:
            head.append(f"temperature_K={frame['temperature_K']}")
        lines += [str(len(frame["element"])), " ".join(head)]
        for element, position, energy in zip(
            frame["element"], frame["positions"], frame["energies"], strict=True
        ):
            row = [element, *(f"{x:.8f}" for x in position), f"{energy:.8f}"]
            lines.append(" ".join(row + (["0.001", "0", "0"] if forces else [])))
    return "\n".join(lines) + "\n"
