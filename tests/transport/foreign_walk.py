"""A random walk in a tilted cell that changes, and the ways in which others would write it down."""

import numpy as np

CELL = np.array([[13.0, 0, 0], [4.0, 11.0, 0], [-3.0, 2.0, 12.0]])
ELEMENTS = ("Li",) * 8 + ("Y", "Cl", "Cl", "Cl")
TYPES = {"Li": 1, "Y": 2, "Cl": 3}
N_FRAMES = 60
INTERVAL = 0.1
"""ps between frames: 50 steps of 0.002 ps."""


def fractional_walk(seed=5, n_frames=N_FRAMES):
    """Unwrapped positions in units of the cell vectors; steps stay below 0.4, most ions leave the cell."""
    generator = np.random.default_rng(seed)
    steps = generator.uniform(-0.3, 0.3, size=(n_frames, len(ELEMENTS), 3))
    steps[:, np.array(ELEMENTS) != "Li"] *= 0.02
    steps[0] = generator.uniform(size=(len(ELEMENTS), 3))
    return steps.cumsum(axis=0)


WALK = fractional_walk()


def cells(n_frames=N_FRAMES, breathing=0.0):
    """The cell of each frame, whose length changes by a share ``breathing`` up and down."""
    return CELL * (1 + breathing * np.sin(np.arange(n_frames)))[:, None, None]


def dump_text(walk=WALK, names="id element x y z", every=50, breathing=0.0, steps=None):
    """A LAMMPS text dump."""
    text = []
    all_cells = cells(len(walk), breathing)
    for number, (fractional, cell) in enumerate(zip(walk, all_cells, strict=True)):
        images = np.floor(fractional).astype(int)
        (lx, _, _), (xy, ly, _), (xz, yz, lz) = cell
        step = every * number if steps is None else steps[number]
        text.append(f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(ELEMENTS)}\n")
        text.append(
            "ITEM: BOX BOUNDS xy xz yz pp pp pp\n"
            f"{min(0, xy, xz, xy + xz):.15g} {lx + max(0, xy, xz, xy + xz):.15g} {xy:.15g}\n"
            f"{min(0, yz):.15g} {ly + max(0, yz):.15g} {xz:.15g}\n0 {lz:.15g} {yz:.15g}\n"
            f"ITEM: ATOMS {names}\n"
        )
        table = {"id": np.arange(1, 1 + len(ELEMENTS)), "element": ELEMENTS}
        table["type"] = [TYPES[element] for element in ELEMENTS]
        folded = fractional - images
        for axis, name in enumerate("xyz"):
            table |= {
                name: (folded @ cell)[:, axis],
                f"{name}u": (fractional @ cell)[:, axis],
                f"{name}s": folded[:, axis],
                f"{name}su": fractional[:, axis],
                f"i{name}": images[:, axis],
            }
        rows = zip(*(table[name] for name in names.split()), strict=True)
        text += [" ".join(str(value) for value in row) + "\n" for row in rows]
    return "".join(text)


def xdatcar_text(walk=WALK, breathing=0.0):
    """An XDATCAR of VASP, with a new head for each frame if the cell changes."""
    text = []
    for number, (fractional, cell) in enumerate(zip(walk, cells(len(walk), breathing), strict=True)):
        if number == 0 or breathing:
            vectors = "\n".join(" ".join(f"{x:.12f}" for x in vector) for vector in cell / 2)
            text.append(f"walk\n2.0\n{vectors}\nLi Y Cl\n8 1 3\n")
        rows = "\n".join(" ".join(f"{x:.8f}" for x in row) for row in fractional % 1)
        text.append(f"Direct configuration= {number + 1:5d}\n{rows}\n")
    return "".join(text)
