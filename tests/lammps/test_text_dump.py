"""Every form of a text dump says the same; what is cut short or mixed up is not believed."""

import bz2
import gzip
import subprocess
import sys

import numpy as np
import pytest
import zstandard

from atomstates.errors import InputError, ProductError
from atomstates.lammps.dump import DcdFile
from atomstates.lammps.text_dump import dump_frames

CELL = np.array([[11.0, 0, 0], [3.0, 9.0, 0], [-2.0, 1.5, 8.0]])
ORIGIN = np.array([-1.0, 0.5, 2.0])
N_ATOMS = 5
ELEMENTS = ("Li", "Cl", "Li", "Y", "Cl")
TYPES = ("1", "3", "1", "2", "3")

WALK = np.random.default_rng(3).normal(size=(6, N_ATOMS, 3)).cumsum(axis=0) * 0.4
"""Positions in units of the cell vectors, far outside of the cell at the end."""

BOX = "ITEM: BOX BOUNDS xy xz yz pp pp pp\n-3 13 3\n0.5 11 -2\n2 10 1.5\n"
"""By hand: x from -1 - 2 to 10 + 3, y from 0.5 to 9.5 + 1.5."""
GENERAL = "ITEM: BOX BOUNDS abc origin pp pp pp\n" + "".join(
    f"{x} {y} {z} {origin}\n" for (x, y, z), origin in zip(CELL, ORIGIN, strict=True)
)


def columns(fractional):
    """All columns that a dump can have, by name, for one frame."""
    images = np.floor(fractional).astype(int)
    cartesian, wrapped = fractional @ CELL + ORIGIN, (fractional - images) @ CELL + ORIGIN
    named = {"id": np.arange(1, N_ATOMS + 1), "element": ELEMENTS, "type": TYPES, "mass": range(1, 6)}
    for axis, name in enumerate("xyz"):
        named |= {
            name: wrapped[:, axis],
            f"{name}u": cartesian[:, axis],
            f"{name}s": (fractional - images)[:, axis],
            f"{name}su": fractional[:, axis],
            f"i{name}": images[:, axis],
        }
    return named


def frame_text(step, fractional, names, box=BOX, order=range(N_ATOMS), before=""):
    table = columns(fractional)
    rows = "".join(" ".join(str(table[name][atom]) for name in names) + "\n" for atom in order)
    return (
        f"{before}ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(order)}\n{box}"
        f"ITEM: ATOMS {' '.join(names)}\n{rows}"
    )


def dump_text(names, **form):
    return "".join(frame_text(10 * number, frame, names, **form) for number, frame in enumerate(WALK))


def read(path, wanted=(), **options):
    """All frames in one block."""
    coordinates = {f"{axis}{kind}" for axis in "xyz" for kind in ("", "u", "s", "su")}
    found = list(
        dump_frames(path, {*coordinates, "ix", "iy", "iz", "element", "type", "mass", *wanted}, **options)
    )
    return found, np.concatenate([frames.fractional for frames in found])


FORMS = {
    "xu": ("id element xu yu zu", True),
    "xsu": ("id type xsu ysu zsu", True),
    "x with flags": ("id element x y z ix iy iz", True),
    "xs with flags": ("iz iy ix zs ys xs type mass id", True),
    "x": ("element id x y z", False),
    "xs": ("id type xs ys zs", False),
}


@pytest.mark.parametrize(("names", "unwrapped"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("box", [BOX, GENERAL], ids=["tilted", "general"])
def test_every_form_of_coordinates_gives_the_same_positions(tmp_path, names, unwrapped, box):
    (tmp_path / "a").write_text(dump_text(names.split(), box=box))
    (frames,), positions = read(tmp_path / "a")
    expected = WALK if unwrapped else WALK % 1
    np.testing.assert_allclose(positions, expected, rtol=1e-12, atol=1e-12)
    assert frames.is_unwrapped == unwrapped
    np.testing.assert_array_equal(frames.step, 10 * np.arange(6))
    np.testing.assert_allclose(frames.cell, np.tile(CELL, (6, 1, 1)), rtol=1e-15)
    np.testing.assert_allclose(frames.origin, np.tile(ORIGIN, (6, 1)), rtol=1e-15)
    assert frames.boundary == ("pp", "pp", "pp")


def test_atoms_come_in_the_order_of_their_ids_whatever_the_order_of_rows(tmp_path):
    generator = np.random.default_rng(8)
    names = ["id", "type", "element", "mass", "xu", "yu", "zu"]
    text = "".join(
        frame_text(number, frame, names, order=generator.permutation(N_ATOMS))
        for number, frame in enumerate(WALK)
    )
    (tmp_path / "a").write_text(text)
    (frames,), positions = read(tmp_path / "a")
    np.testing.assert_allclose(positions, WALK, rtol=1e-12, atol=1e-12)
    assert frames.labels == {"element": ELEMENTS, "type": TYPES}
    np.testing.assert_array_equal(frames.values["mass"], np.tile(np.arange(1, 6), (6, 1)))


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstandard.compress}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_compressed_file_is_the_file(tmp_path, pack):
    (tmp_path / "a").write_bytes(pack(dump_text(FORMS["xu"][0].split()).encode()))
    np.testing.assert_allclose(read(tmp_path / "a")[1], WALK, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gz", "bz2"])
def test_compressed_file_that_was_cut_short_ends_there(tmp_path, pack):
    packed = pack("".join(frame_text(0, WALK[0], ["id", "xu", "yu", "zu"]) for _ in range(4000)).encode())
    (tmp_path / "a").write_bytes(packed[: len(packed) // 2])
    found = list(dump_frames(tmp_path / "a", ["xu"]))
    assert sum(len(frames.step) for frames in found) < 4000


def test_missing_package_for_zstd_is_named(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(zstandard.compress(b"ITEM: TIMESTEP\n"))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(InputError, match="pip install zstandard"):
        read(tmp_path / "a")


def test_frame_that_was_being_written_is_left_out_wherever_it_was_cut(tmp_path):
    text = dump_text(FORMS["xs"][0].split())
    last = text.rfind("ITEM: TIMESTEP")
    for end in range(last, len(text), 3):
        (tmp_path / "a").write_text(text[:end])
        assert len(read(tmp_path / "a")[1]) == 5
    (tmp_path / "a").write_text(text)
    assert len(read(tmp_path / "a")[1]) == 6


def test_blocks_do_not_show(tmp_path):
    (tmp_path / "a").write_text(dump_text(FORMS["xu"][0].split()))
    found, positions = read(tmp_path / "a", block_bytes=1)
    assert len(found) == 6
    np.testing.assert_allclose(positions, WALK, rtol=1e-12, atol=1e-12)


def test_any_white_space_separates(tmp_path):
    text = dump_text(FORMS["xu"][0].split())
    head, rows = "ITEM: ATOMS id element xu yu zu\n", text.split("ITEM: TIMESTEP")[1].split("zu\n")[1]
    for padded in (
        rows.replace(" ", "   "),
        rows.replace(" ", "\t"),
        rows.replace("\n", " \n"),
        "  " + rows.replace("\n", "\n  ").rstrip(" "),
        rows.replace("\n", "\r\n"),
    ):
        (tmp_path / "a").write_text(
            f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n5\n{BOX}{head}{padded}", newline=""
        )
        np.testing.assert_allclose(read(tmp_path / "a")[1], WALK[:1], rtol=1e-12, atol=1e-12)


def test_times_count_when_the_file_tells_their_unit(tmp_path):
    names = FORMS["xu"][0].split()
    for units, expected in (("real", [0.0, 0.25]), ("metal", [0.0, 250.0])):
        text = frame_text(0, WALK[0], names, before=f"ITEM: UNITS\n{units}\nITEM: TIME\n0\n")
        (tmp_path / "a").write_text(text + frame_text(5, WALK[1], names, before="ITEM: TIME\n250\n"))
        (frames,), _ = read(tmp_path / "a")
        np.testing.assert_allclose(frames.time, expected, rtol=1e-15)
    (tmp_path / "a").write_text(frame_text(0, WALK[0], names, before="ITEM: TIME\n7\n"))
    assert read(tmp_path / "a")[0][0].time is None


def test_units_without_angstroms_are_refused(tmp_path):
    (tmp_path / "a").write_text(
        frame_text(0, WALK[0], ["id", "xu", "yu", "zu"], before="ITEM: UNITS\nlj\n")
    )
    with pytest.raises(InputError, match="units `lj`; `metal` or `real`"):
        read(tmp_path / "a")


def test_missing_columns_are_named(tmp_path):
    (tmp_path / "a").write_text(dump_text(["type", "xu", "yu", "zu"]))
    with pytest.raises(InputError, match="found the columns type xu yu zu, needed `id`"):
        read(tmp_path / "a")
    (tmp_path / "a").write_text(dump_text(["id", "type", "xu", "yu"]))
    with pytest.raises(InputError, match="`xs ys zs`"):
        read(tmp_path / "a")


DAMAGES = {
    "a row is cut short": ("3 Li", "3 Li 1.0\n", "frame at line 1 is damaged"),
    "a number is none": ("3 Li", "3 Li 1.0 oops 2.0\n", "'oops'"),
    "a number is nan": ("3 Li", "3 Li 1.0 nan 2.0\n", "damaged"),
    "an id comes twice": ("3 Li", "4 Li 1.0 1.0 2.0\n", "an id comes twice"),
    "a row is missing": ("3 Li", "", "4 rows for 5 atoms"),
    "ids change": ("3 Li", "9 Li 1.0 1.0 2.0\n", "other ids"),
    "an element changes": ("3 Li", "3 Na 1.0 1.0 2.0\n", "another element"),
}


@pytest.mark.parametrize(("row", "instead", "words"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_an_error_that_says_where(tmp_path, row, instead, words):
    lines = dump_text(FORMS["xu"][0].split()).splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if line.startswith(row))
    lines[place] = instead
    (tmp_path / "a").write_text("".join(lines))
    with pytest.raises(ProductError, match=words):
        read(tmp_path / "a")


SCRIPT = """
units metal
atom_modify map array
box tilt large
region cell prism 0 11 0 10 0 12 3 -2 2.5
create_box 2 cell
create_atoms 1 random 20 7 NULL overlap 3.0 maxtry 5000
set type 1 type/fraction 2 0.4 77
mass 1 39.9
mass 2 83.8
pair_style lj/cut 4.9
pair_coeff * * 0.0104 3.4
minimize 0 0.01 100 100
reset_timestep 0
velocity all create 900 11
fix move all npt temp 900 900 0.1 tri 0 0 0.5
dump 0 all dcd 10 walk.dcd
dump_modify 0 unwrap yes sort id
dump 1 all custom 10 xu id type xu yu zu
dump 2 all custom 10 xsu id element xsu ysu zsu
dump_modify 2 element Ar Kr sort id
dump 3 all custom 10 flags id type mass x y z ix iy iz
dump 4 all custom/gz 10 scaled.gz id type xs ys zs ix iy iz
dump 5 all atom 10 atom
dump_modify 5 units yes time yes
dump_modify 1 format float %20.15g
dump_modify 2 format float %20.15g
dump_modify 3 format float %20.15g
dump_modify 4 format float %20.15g
run 1000
"""


@pytest.fixture
def run(tmp_path, bare_lammps):
    def run(script):
        version = subprocess.run([bare_lammps, "-h"], capture_output=True, text=True, check=True).stdout
        if "custom/gz" not in version:  # a LAMMPS without the package COMPRESS
            script = script.replace("custom/gz 10 scaled.gz", "custom 10 scaled")
        (tmp_path / "in").write_text(script)
        subprocess.run(
            [bare_lammps, "-in", "in"], cwd=tmp_path, check=True, capture_output=True, timeout=60
        )
        return tmp_path

    return run


def test_all_that_lammps_writes_agrees_with_its_dcd(run):
    written = run(SCRIPT)
    dcd = DcdFile(written / "walk.dcd")
    expected = dcd.positions(np.arange(dcd.n_frames))
    assert dcd.n_frames == 101
    assert np.linalg.norm(expected[-1] - expected[0], axis=1).max() > 3
    for name in ("xu", "xsu", "flags", *(path.name for path in written.glob("scaled*"))):
        found, positions = read(written / name)
        cells = np.concatenate([frames.cell for frames in found])
        origins = np.concatenate([frames.origin for frames in found])
        # the cell changes: fractional positions times the cell of their frame
        np.testing.assert_allclose(positions @ cells + origins[:, None], expected, rtol=1e-5, atol=1e-4)
    (frames,), folded = read(written / "atom")
    np.testing.assert_allclose(frames.time, 0.01 * np.arange(101), rtol=1e-12)
    difference = folded - read(written / "xsu")[1]
    np.testing.assert_allclose(difference, np.rint(difference), atol=1e-5)  # six digits


GENERAL_DATA = """two atoms in a cell that is turned too

2 atoms
1 atom types
5 1 0.5 avec
-1 6 1 bvec
0.5 0.5 7 cvec
1 2 3 abc origin

Masses

1 39.9

Atoms # atomic

1 1 1.5 2.5 3.5
2 1 4.5 5.5 6.5
"""
GENERAL_SCRIPT = """
units metal
atom_modify map array
read_data general.data
pair_style lj/cut 2.5
pair_coeff * * 0.0104 2.2
velocity all create 300 1
fix move all nve
dump 1 all custom 10 general id x y z ix iy iz
dump_modify 1 triclinic/general yes format float %20.15g
dump 2 all custom 10 turned id xsu ysu zsu
dump_modify 2 format float %20.15g
run 100
"""


def test_cell_turned_at_will_gives_the_positions_of_the_one_in_the_frame_of_lammps(run, tmp_path):
    (tmp_path / "general.data").write_text(GENERAL_DATA)
    written = run(GENERAL_SCRIPT)
    (frames,), positions = read(written / "general")
    np.testing.assert_allclose(frames.cell[0], [[5, 1, 0.5], [-1, 6, 1], [0.5, 0.5, 7]], rtol=1e-12)
    np.testing.assert_allclose(frames.origin[0], [1, 2, 3], rtol=1e-12)
    np.testing.assert_allclose(positions, read(written / "turned")[1], rtol=1e-9)
