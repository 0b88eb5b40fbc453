"""Formats of other programs, written by other packages, give the paths that were put into them."""

import bz2
import gzip
import subprocess
import sys

import numpy as np
import pytest
from foreign_walk import CELL, ELEMENTS, INTERVAL, TYPES, WALK, cells, dump_text, xdatcar_text

from atomstates.errors import InputError, ProductError
from atomstates.parallel import Serial
from atomstates.transport.foreign.clock import Clock
from atomstates.transport.foreign.sources import Source
from atomstates.transport.foreign.trajectory import foreign_trajectory

GIVEN = Clock(interval=INTERVAL)
PDB_LINE = "ATOM  {:5d}  X   X   A{:4d}    {:8.3f}{:8.3f}{:8.3f}  1.00  0.00          {:>2s}\n"


def opened(path, clock=GIVEN, **source):
    return foreign_trajectory(Source((path,), **source), clock, Serial())


def check(trajectory, breathing=0.0, resolution=2e-4):
    """Paths as they were put in, in the mean cell, to the resolution of the format in Å."""
    mean = cells(breathing=breathing).mean(axis=0)
    positions = trajectory.read(0, trajectory.n_frames)
    np.testing.assert_allclose(
        positions - positions[0], (WALK - WALK[0]) @ mean, rtol=1e-5, atol=resolution
    )
    assert trajectory.contents.labels == ELEMENTS
    assert trajectory.contents.interval == pytest.approx(INTERVAL, rel=1e-5)
    volumes = np.linalg.det(trajectory.contents.cells)
    np.testing.assert_allclose(volumes, np.linalg.det(cells(breathing=breathing)), rtol=1e-4)


@pytest.fixture
def topology(tmp_path):
    """A PDB file with elements and nothing else of use."""
    rows = "".join(PDB_LINE.format(i + 1, i + 1, 0, 0, 0, name) for i, name in enumerate(ELEMENTS))
    (tmp_path / "atoms.pdb").write_text(rows + "END\n")
    return tmp_path / "atoms.pdb"


def write_by_mdanalysis(path):
    """The folded walk in a format that the suffix tells."""
    import MDAnalysis
    from MDAnalysis.lib.mdamath import triclinic_box

    universe = MDAnalysis.Universe.empty(len(ELEMENTS))
    boxes = np.tile(triclinic_box(*CELL), (len(WALK), 1))
    folded = ((WALK % 1) @ CELL).astype(np.float32)
    universe.load_new(folded, order="fac", dimensions=boxes, dt=INTERVAL)
    units = {"lengthunit": "Angstrom", "timeunit": "ps"} if path.suffix == ".h5md" else {}
    with MDAnalysis.Writer(str(path), n_atoms=len(ELEMENTS), **units) as writer:
        for _ in universe.trajectory:
            writer.write(universe.atoms)
    return path


@pytest.mark.parametrize(("suffix", "resolution"), [("xtc", 0.03), ("trr", 1e-3), ("h5md", 1e-3)])
def test_formats_with_times_need_no_time_step(tmp_path, topology, suffix, resolution):
    path = write_by_mdanalysis(tmp_path / f"walk.{suffix}")
    with opened(path, Clock(), topology=topology) as trajectory:
        check(trajectory, resolution=resolution)
        assert "by the times in the file" in trajectory.contents.said[1]


def test_dcd_has_steps_whose_length_must_be_told(tmp_path, topology):
    path = write_by_mdanalysis(tmp_path / "walk.dcd")
    with pytest.raises(InputError, match="--timestep-ps"):
        opened(path, Clock(), topology=topology).__enter__()
    with opened(path, topology=topology) as trajectory:
        check(trajectory, resolution=1e-3)


SCRIPT = """
units metal
atom_modify map array
box tilt large
read_data walk.data
pair_style zero 2
pair_coeff * *
read_dump walk.lammpstrj 0 x y z box yes
dump 1 all dcd 50 walk.dcd
dump_modify 1 sort id
rerun walk.lammpstrj dump x y z box yes
"""


def test_dcd_of_lammps_with_its_data_file(tmp_path, bare_lammps):
    # 0.001 ps so that the header's own idea of time would be another one
    names = "id type x y z"
    (tmp_path / "walk.lammpstrj").write_text(dump_text(names=names, breathing=0.03))
    rows = "\n".join(
        f"{number} {TYPES[element]} 0.0 {x:.6f} {y:.6f} {z:.6f}"
        for number, (element, (x, y, z)) in enumerate(
            zip(ELEMENTS, (WALK[0] % 1) @ CELL, strict=True), start=1
        )
    )
    (tmp_path / "walk.data").write_text(
        "walk\n\n12 atoms\n3 atom types\n\n0 13 xlo xhi\n0 11 ylo yhi\n0 12 zlo zhi\n4 -3 2 xy xz yz\n\n"
        f"Masses\n\n1 6.94\n2 88.9\n3 35.45\n\nAtoms # charge\n\n{rows}\n"
    )
    (tmp_path / "in").write_text(SCRIPT.replace("units metal\n", "units metal\natom_style charge\n"))
    subprocess.run([bare_lammps, "-in", "in"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    source = {"topology": tmp_path / "walk.data", "elements": ("Li", "Y", "Cl")}
    with opened(tmp_path / "walk.dcd", Clock(timestep=0.002), **source) as trajectory:
        check(trajectory, breathing=0.03, resolution=1e-3)
        np.testing.assert_allclose(trajectory.contents.masses[[0, 8, 9]], [6.94, 88.9, 35.45], rtol=1e-9)
        assert "step numbers and steps of 0.002 ps" in trajectory.contents.said[1]


def test_bare_trajectory_asks_for_a_topology(tmp_path):
    path = write_by_mdanalysis(tmp_path / "walk.dcd")
    with pytest.raises(InputError, match=r"nothing says which atoms are ions.*--topology"):
        opened(path).__enter__()


@pytest.mark.parametrize("breathing", [0.0, 0.03])
@pytest.mark.parametrize("pack", [None, gzip.compress, bz2.compress], ids=["plain", "gz", "bz2"])
def test_xdatcar(tmp_path, breathing, pack):
    path = tmp_path / "XDATCAR"
    text = xdatcar_text(breathing=breathing).encode()
    path.write_bytes(pack(text) if pack else text)
    with opened(path) as trajectory:
        check(trajectory, breathing)
    with pytest.raises(InputError, match=r"no times.*--frame-interval-ps"):
        opened(path, Clock(timestep=0.002)).__enter__()


def test_xdatcar_that_was_being_written_ends_with_its_last_whole_frame(tmp_path):
    text = xdatcar_text(breathing=0.03)
    for missing in (1, 5, 300, 420, 500):
        (tmp_path / "XDATCAR").write_text(text[:-missing])
        with opened(tmp_path / "XDATCAR") as trajectory:
            assert trajectory.n_frames == len(WALK) - 1


def test_damaged_xdatcar_is_refused(tmp_path):
    lines = xdatcar_text().splitlines(keepends=True)
    lines[20] = "0.1 0.2\n"
    (tmp_path / "XDATCAR").write_text("".join(lines))
    with pytest.raises(ProductError, match=r"XDATCAR: the frame at line .* is damaged"):
        opened(tmp_path / "XDATCAR").__enter__()


def ase_frames(cell=True):
    from ase import Atoms

    for fractional in WALK:
        folded = fractional % 1 if cell else fractional
        yield Atoms(ELEMENTS, positions=folded @ CELL, cell=CELL if cell else None, pbc=cell)


@pytest.mark.parametrize("name", ["walk.extxyz", "walk.xyz", "walk.traj"])
def test_what_ase_writes(tmp_path, name):
    from ase.io import write

    write(tmp_path / name, list(ase_frames()))
    with opened(tmp_path / name) as trajectory:
        check(trajectory)


def test_positions_without_a_cell_are_taken_as_unwrapped(tmp_path):
    from ase.io import write

    write(tmp_path / "walk.extxyz", list(ase_frames(cell=False)))
    with opened(tmp_path / "walk.extxyz") as trajectory:
        positions = trajectory.read(0, trajectory.n_frames)
        np.testing.assert_allclose(positions - positions[0], (WALK - WALK[0]) @ CELL, rtol=1e-5, atol=1e-4)
        assert trajectory.cell is None
        assert "taken as unwrapped: the file has no cell" in trajectory.contents.said[0]


def test_missing_ase_is_named(tmp_path, monkeypatch):
    (tmp_path / "walk.extxyz").write_text("1\nProperties=species:S:1:pos:R:3\nLi 0 0 0\n")
    monkeypatch.setitem(sys.modules, "ase.io", None)
    with pytest.raises(InputError, match=r"pip install 'atomstates\[formats\]'"):
        opened(tmp_path / "walk.extxyz").__enter__()


def test_what_nobody_can_read_is_said_with_its_name(tmp_path):
    (tmp_path / "walk.what").write_text("nothing of use\n")
    with pytest.raises(InputError, match=r"walk\.what: cannot be read"):
        opened(tmp_path / "walk.what").__enter__()
    with pytest.raises(InputError, match=r"none\.xtc: no trajectory that can be read"):
        opened(tmp_path / "none.xtc").__enter__()
