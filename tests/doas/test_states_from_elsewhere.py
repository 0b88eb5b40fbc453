"""`atomstates doas --states FILE`: frames of any program, from the file to the figures; and bad input."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from foreign import OCTAHEDRAL, TETRAHEDRAL, extended_xyz, two_wells
from halide import halide
from typer.testing import CliRunner

from atomstates.cli.main import app
from atomstates.doas.assumptions import Question
from atomstates.doas.elsewhere import write_states_from_elsewhere
from atomstates.doas.frames import read_frames
from atomstates.doas.mixing import refuse_mixtures
from atomstates.doas.states import read_states_file
from atomstates.errors import InputError
from atomstates.minimize.relaxed import Relaxed, read_relaxed, write_relaxed
from atomstates.parallel import Serial
from atomstates.report.tables import read_table

MPIEXEC = Path(sys.executable).parent / "mpiexec"
ASKED = Question(ion="Li", anions=("Cl", "Br"), bootstrap_samples=40)


def written(folder, frames, name="frames.xyz", **how):
    path = folder / name
    path.write_text(extended_xyz(frames, **how))
    return path


def answer(folder, *paths, asked=ASKED):
    return write_states_from_elsewhere(paths, asked, folder / "out", Serial())


def refused(folder, *paths, asked=ASKED):
    with pytest.raises(InputError) as error:
        answer(folder, *paths, asked=asked)
    assert not (folder / "out").exists()
    return str(error.value)


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """Products of the command line on two temperatures in one file."""
    folder = tmp_path_factory.mktemp("elsewhere")
    frames = two_wells(12, 0.0, 1, 300.0) + two_wells(12, 0.3, 2, 600.0)
    path = written(folder, frames, column="e_atom")
    options = ["--ion", "Li", "--anions", "Cl,Br", "--energy-column", "e_atom"]
    out = folder / "out"
    found = CliRunner().invoke(app, ["doas", "--states", str(path), *options, "--output", str(out)])
    assert found.exit_code == 0, found.output
    return out


def test_two_wells_give_two_peaks_at_their_distance(analysed):
    table = read_table(analysed / "density.csv")
    hot = table["temperature_K"] == 600
    energy = table["energy_eV"][hot]
    peaks = [energy[table[f"{kind}_per_eV"][hot].argmax()] for kind in ("octahedral", "tetrahedral")]
    assert peaks[1] - peaks[0] == pytest.approx(TETRAHEDRAL - OCTAHEDRAL, abs=0.021)
    doas = json.loads((analysed / "doas.json").read_text())
    entry = doas["temperatures"][1]
    assert entry["gap"]["value"] == pytest.approx(TETRAHEDRAL - OCTAHEDRAL, abs=0.002)
    assert entry["tetrahedral_fraction"]["value"] == pytest.approx(0.3, abs=0.05)
    assert doas["temperatures"][0]["octahedral_fraction"]["value"] == 1.0


def test_states_are_those_that_were_written(analysed):
    states = read_states_file(analysed / "states.2.h5")
    assert states.temperature == 600
    assert np.array_equal(states.site, (states.energy > (OCTAHEDRAL + TETRAHEDRAL) / 2).astype(np.uint8))


def test_what_is_assumed_is_said(analysed):
    said = " ".join(json.loads((analysed / "doas.json").read_text())["assumed"])
    assert "Li is the mobile ion, Cl, Br are the anions, there are no other atoms" in said
    assert "blocks of 3 successive frames" in said
    assert "from the lowest state over all temperatures (of all files)" in said


def test_number_of_ranks_leaves_no_trace(analysed):
    """The same files, the same question: the same bytes."""
    two = analysed.with_name("two")
    options = ["--ion", "Li", "--anions", "Cl,Br", "--energy-column", "e_atom", "--output", str(two)]
    command = [str(MPIEXEC), "-n", "2", sys.executable, "-m", "atomstates.cli", "doas"]
    command += ["--states", str(analysed.with_name("frames.xyz")), *options]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    for name in ("doas.json", "density.csv", "density.svg"):
        assert (two / name).read_bytes() == (analysed / name).read_bytes()


def test_figures_are_drawn_as_in_the_report(analysed):
    for name in ("density", "disorder"):
        assert (analysed / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in (analysed / f"{name}.svg").read_bytes()


def test_relaxed_snapshots_in_hdf5_give_the_same_states_as_extended_xyz(tmp_path):
    frames = two_wells(4, 0.2, 3)
    relaxed = Relaxed(
        step=np.arange(5) * 100,
        positions=np.array([frame["positions"] for frame in (*frames, frames[0])]),
        snapshot_positions=np.array([frame["positions"] for frame in (*frames, frames[0])]),
        cell=np.repeat(frames[0]["cell"][None], 5, axis=0),
        atom_energy=np.array([frame["energies"] for frame in (*frames, frames[0])]),
        potential_energy=np.array([frame["energies"].sum() for frame in (*frames, frames[0])]),
        largest_force=np.full(5, 0.001),
        status=np.array([0, 0, 0, 0, 1], dtype=np.uint8),
        element=frames[0]["element"],
        id=np.arange(1, len(frames[0]["element"]) + 1),
        temperature=600.0,
    )
    write_relaxed(tmp_path / "relaxed.h5", relaxed)
    from_hdf5 = answer(tmp_path, tmp_path / "relaxed.h5").runs[0]
    from_xyz = answer(tmp_path, written(tmp_path, frames)).runs[0]
    assert from_hdf5.n_rejected == 1
    assert np.array_equal(from_hdf5.site, from_xyz.site)
    assert from_hdf5.energy == pytest.approx(from_xyz.energy, abs=1e-8)


def test_several_files_are_runs_of_one_sample(tmp_path):
    paths = [written(tmp_path, two_wells(6, 0.1, seed), f"{seed}.xyz") for seed in (4, 5)]
    found = answer(tmp_path, *paths).temperatures
    assert [entry.n_runs for entry in found] == [2]
    assert found[0].n_snapshots == 12


def test_one_temperature_for_all_frames_overrides_that_of_the_moment(tmp_path):
    frames = [two_wells(1, 0.1, 10 + n, temperature=590.0 + n)[0] for n in range(8)]
    path = written(tmp_path, frames)
    assert "--temperature-K" in refused(tmp_path, path)
    found = answer(tmp_path, path, asked=Question(ion="Li", anions=("Cl", "Br"), temperature=600.0))
    assert [entry.temperature for entry in found.temperatures] == [600.0]


def test_frames_with_forces_are_not_taken_for_relaxed(tmp_path):
    frames = two_wells(3, 0.1, 6)
    path = tmp_path / "hot.xyz"
    path.write_text(extended_xyz(frames).replace("0.001 0 0", "0.4 0 0"))
    (check,) = [check for check in answer(tmp_path, path).checks if check.name == "relaxed frames"]
    assert check.status == "WARN"
    assert "0.4 eV/Å" in check.message


# ---------------------------------------------------------------- bad input


def changed(frames, number, **values):
    return [frame | (values if n == number else {}) for n, frame in enumerate(frames)]


def with_value(array, place, value):
    found = array.copy()
    found[place] = value
    return found


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--anions", "Cl"], "--ion"),
        (["--ion", "Li"], "--anions"),
        (["--ion", "Na", "--anions", "Cl"], "no atom is 'Na'; there are ['Br', 'Cl', 'Li']"),
        (["--ion", "Li", "--anions", "F"], "no atom is one of the anions"),
        (["--ion", "Li", "--anions", "Cl,I"], "no atom is the anion I"),
        (["--ion", "Li", "--anions", "Li,Cl"], "as mobile ion and as anion"),
        (["--ion", "Li", "--anions", "Cl,Br", "--energy-column", "c_pe"], "--energy-column"),
    ],
)
def test_roles_and_columns_that_are_not_there_are_named(tmp_path, options, words):
    path = written(tmp_path, two_wells(2, 0.1, 7))
    found = CliRunner().invoke(app, ["doas", "--states", str(path), *options])
    assert isinstance(found.exception, InputError)
    assert words in str(found.exception)


def test_missing_energies_are_named_with_the_columns_that_are_there(tmp_path):
    words = refused(tmp_path, written(tmp_path, two_wells(2, 0.1, 7), column="c_pe"))
    assert "frames.xyz: frame 1" in words
    assert "no column 'energies'" in words
    assert "c_pe" in words


@pytest.mark.parametrize(("key", "name"), [("energies", "energy"), ("positions", "position")])
def test_numbers_that_are_not_finite_are_named_with_file_frame_and_atom(tmp_path, key, name):
    frames = two_wells(3, 0.1, 8)
    wrong = changed(frames, 1, **{key: with_value(frames[1][key], 6, np.nan)})
    words = refused(tmp_path, written(tmp_path, wrong))
    assert f"frames.xyz: frame 2: the {name} of atom 7 (Li) is not finite" in words


def test_frame_without_cell_is_refused(tmp_path):
    words = refused(tmp_path, written(tmp_path, two_wells(2, 0.1, 8), lattice=False))
    assert "frame 1: has no cell" in words


def test_column_called_energy_is_that_of_the_atoms(tmp_path):
    path = written(tmp_path, two_wells(2, 0.1, 7), column="energy")
    asked = Question(ion="Li", anions=("Cl", "Br"), energy_column="energy")
    (states,) = answer(tmp_path, path, asked=asked).runs
    assert states.energy == pytest.approx(np.where(states.site == 0, OCTAHEDRAL, TETRAHEDRAL), abs=0.03)


def test_temperature_that_is_no_number_is_refused(tmp_path):
    path = tmp_path / "frames.xyz"
    path.write_text(extended_xyz(two_wells(1, 0.1, 8)).replace("temperature_K=600.0", "temperature_K=hot"))
    assert "frame 1: its temperature 'hot' is not a number" in refused(tmp_path, path)


def test_anions_in_one_place_are_refused(tmp_path):
    frames = two_wells(2, 0.1, 8)
    for frame in frames:
        frame["positions"][60] = frame["positions"][61]
    assert "frame 1 to" in refused(tmp_path, written(tmp_path, frames))


def test_frame_without_temperature_is_refused(tmp_path):
    words = refused(tmp_path, written(tmp_path, changed(two_wells(2, 0.1, 8), 1, temperature_K=None)))
    assert "frame 2: has no temperature" in words


def test_states_of_two_potentials_are_refused(tmp_path):
    """Another zero of energy, or the same positions with other energies."""
    one = written(tmp_path, two_wells(2, 0.1, 9), "one.xyz")
    shifted = written(tmp_path, two_wells(2, 0.1, 10, shift=-2.0), "other.xyz")
    words = refused(tmp_path, one, shifted)
    assert "other.xyz: frame 1" in words
    assert "two potentials" in words
    same = written(tmp_path, two_wells(2, 0.1, 9, shift=0.01), "same.xyz")
    words = refused(tmp_path, one, same)
    assert "same.xyz: frame 1" in words
    assert "differs by 0.01 eV" in words


def test_potentials_of_like_zeros_are_told_apart_by_their_hash(tmp_path):
    """Two runs of one material: energies that fit, but relaxed with different models."""
    runs = halide(tmp_path / "halide", n_snapshots=2).runs
    paths = [run.stage_path("minimize") / "relaxed.h5" for run in runs[:2]]
    for path, potential in zip(paths, ("0123", "4567"), strict=True):
        write_relaxed(path, replace(read_relaxed(path), potential=potential))
    words = refused(tmp_path, *paths)
    assert "another potential (4567)" in words
    assert "(0123)" in words
    frames = [frame for path in paths for frame in read_frames(path, None)[0]]
    # nothing is refused where a file does not say
    refuse_mixtures([frames[0], replace(frames[1], potential="")])


def test_frames_that_count_twice_are_refused(tmp_path):
    frames = two_wells(3, 0.1, 9)
    words = refused(tmp_path, written(tmp_path, [*frames, frames[0]]))
    assert "frame 4: is the same as" in words


def test_two_materials_are_refused(tmp_path):
    paths = [
        written(tmp_path, two_wells(2, 0.1, 9, bromide=share), f"{share}.xyz") for share in (0.25, 0.5)
    ]
    words = refused(tmp_path, *paths)
    assert "Br" in words
    assert "One material" in words


def test_files_that_are_none_are_refused(tmp_path):
    assert "cannot be read" in refused(tmp_path, tmp_path / "missing.xyz")
    empty = tmp_path / "empty.xyz"
    empty.write_text("")
    assert "empty.xyz" in refused(tmp_path, empty)
    cut = tmp_path / "cut.xyz"
    text = extended_xyz(two_wells(2, 0.1, 9))
    cut.write_text(text[: len(text) * 3 // 4])
    assert "cut.xyz: frame" in refused(tmp_path, cut)
    other = tmp_path / "other.h5"
    other.write_bytes(b"\x89HDF\r\n\x1a\n" + b"0" * 200)
    assert "not in the layout of relaxed.h5" in refused(tmp_path, other)


def test_zero_and_smooth_line_are_options(tmp_path):
    path = written(tmp_path, two_wells(6, 0.2, 1, 600.0))
    options = ["--ion", "Li", "--anions", "Cl,Br", "--zero", "absolute", "--smoothing-eV", "0.04"]
    out = tmp_path / "out"
    found = CliRunner().invoke(app, ["doas", "--states", str(path), *options, "--output", str(out)])
    assert found.exit_code == 0, found.output
    content = json.loads((out / "doas.json").read_text())
    assert (content["zero"], content["reference_energy_eV"], content["smoothing_eV"]) == (
        "absolute",
        0,
        0.04,
    )
    table = read_table(out / "density.csv")
    assert table["energy_eV"][table["octahedral_per_eV"].argmax()] == pytest.approx(OCTAHEDRAL, abs=0.02)
    assert table["total_smoothed_per_eV"].sum() * content["bin_width_eV"] == pytest.approx(1)
    assert "energies are as the potential gives it (of all files)" in " ".join(content["assumed"])
