import signal
import subprocess

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io.lammpsdata import write_lammps_data

from atomstates.errors import ProgramError
from atomstates.potentials import exploration
from atomstates.potentials.configurations import closest_distance, free_hop, structure
from atomstates.potentials.exploration import (
    FRAMES,
    HOP,
    Trip,
    found_frames,
    knobs,
    n_expected,
    read_frames,
    run_lammps,
    travel,
    trips,
)
from atomstates.potentials.recipe import Expedition, Start
from atomstates.potentials.sampling import Limits
from atomstates.resources import lammps_inputs_folder

FRAME = """ITEM: TIMESTEP
{step}
ITEM: NUMBER OF ATOMS
2
ITEM: BOX BOUNDS xy xz yz pp pp pp
-2 6 -2
0 5 0
0 7 0
ITEM: ATOMS id element x y z
1 Li 0.5 0.25 1
2 Cl {x} 2 3
"""


@pytest.fixture
def start():
    return Atoms("LiCl", [[0.5, 0.25, 1], [1, 2, 3]], cell=np.eye(3), pbc=True)


def test_cell_of_a_tilted_dump_is_that_inside_its_bounding_box(tmp_path, start):
    path = tmp_path / "frames.lammpstrj"
    path.write_text(FRAME.format(step=500, x=1.5), encoding="utf-8")
    (atoms,) = read_frames(path, start)
    np.testing.assert_allclose(atoms.cell[:], [[6, 0, 0], [-2, 5, 0], [0, 0, 7]])
    np.testing.assert_allclose(atoms.positions, [[0.5, 0.25, 1], [1.5, 2, 3]])
    assert atoms.info["step"] == 500


def test_frame_that_is_cut_short_is_left_out(tmp_path, start):
    path = tmp_path / "frames.lammpstrj"
    path.write_text(FRAME.format(step=0, x=1) + FRAME.format(step=500, x=1)[:-20], encoding="utf-8")
    assert [atoms.info["step"] for atoms in read_frames(path, start)] == [0]


def test_foreign_atoms_are_refused(tmp_path, start):
    path = tmp_path / "frames.lammpstrj"
    path.write_text(FRAME.format(step=0, x=1).replace("Cl", "Br"), encoding="utf-8")
    with pytest.raises(ProgramError, match="not those of the start"):
        read_frames(path, start)


def test_every_trip_has_its_own_seed_and_folder(mixed_recipe, sources, tmp_path):
    planned = trips(mixed_recipe.rounds[0].expeditions, sources, tmp_path, mixed_recipe.seed)
    assert len({trip.seed for trip in planned}) == len(planned)
    assert len({trip.folder for trip in planned}) == len(planned)
    assert {trip.start.info["crystal"] for trip in planned} == set(sources)


def test_script_declares_every_knob_that_exploration_sets(source, tmp_path):
    expedition = Expedition(
        origin="test", filling="orderings", temperatures_K=(300,), run_ps=1, frame_every_ps=0.1
    )
    expedition = expedition.model_copy(update={"hop_images": 3})
    (trip,) = trips([expedition], {"P-3m1": source}, tmp_path, 1)
    script = (lammps_inputs_folder() / "explore.in").read_text(encoding="utf-8")
    for name in knobs(trip, source.unit.elements):
        assert f"variable {name} index" in script


@pytest.mark.parametrize("code", [-signal.SIGTERM, 128 + signal.SIGTERM, 256 - signal.SIGTERM])
def test_run_that_was_killed_from_outside_is_no_failure_of_the_student(source, tmp_path, monkeypatch, code):
    expedition = Expedition(
        origin="test", filling="orderings", temperatures_K=(300,), run_ps=1, frame_every_ps=0.1
    )
    (trip,) = trips([expedition], {"P-3m1": source}, tmp_path, 1)
    done = subprocess.CompletedProcess([], code)
    monkeypatch.setattr(exploration, "run_lammps", lambda *_: done)
    with pytest.raises(ProgramError, match="killed by signal 15"):
        travel(trip, tmp_path / "model.pb", source.unit.elements)
    assert not (trip.folder / "exit-code").exists()


def test_frames_that_trips_owe_are_counted_from_their_settings(source, tmp_path):
    expedition = Expedition(
        origin="test",
        filling="orderings",
        temperatures_K=(300, 600),
        run_ps=1,
        frame_every_ps=0.1,
        skip_ps=0.3,
    )
    # 0.3, 0.4, ... 1.0 ps of two runs
    assert n_expected(trips([expedition], {"P-3m1": source}, tmp_path, 1)) == 16


@pytest.mark.parametrize("pressure", [None, 1.0])
def test_cell_is_free_where_a_pressure_is_given_and_kept_where_none_is(tmp_path, pressure):
    crystal = bulk("Cl", "fcc", a=5.0, cubic=True) * (3, 3, 3)
    expedition = Expedition(
        origin="md", filling="random", temperatures_K=(100,), run_ps=0.1, frame_every_ps=0.02,
        pressure_bar=pressure,
    )  # fmt: skip
    write_lammps_data(tmp_path / "structure.data", crystal, specorder=["Cl"], masses=True)
    (tmp_path / "potential.in").write_text("pair_style lj/cut 7.0\npair_coeff 1 1 0.02 3.4\n")
    values = knobs(Trip(tmp_path, crystal, 100.0, expedition, 1), ["Cl"])
    done = run_lammps(tmp_path, "explore.in", values)
    assert done.returncode == 0, done.stdout[-800:]
    lengths = [atoms.cell.lengths()[0] for atoms in read_frames(tmp_path / FRAMES, crystal)]
    assert len(lengths) == 6
    assert (np.ptp(lengths) > 1e-3) == (pressure is not None)


def test_led_ion_passes_all_points_of_its_hop_and_the_dynamics_start_where_it_began(source, tmp_path):
    expedition = Expedition(
        origin="md", filling="orderings", strain=0.02, shear=0.02, temperatures_K=(300,), run_ps=0.02,
        frame_every_ps=0.01, hop_images=3,
    )  # fmt: skip
    (trip,) = trips([expedition], {"P-3m1": source}, tmp_path, 1)
    pairs = "\n".join(f"pair_coeff {i} {j} 0.02 2.6" for i in (1, 2, 3) for j in range(i, 4))
    trip.folder.mkdir()
    write_lammps_data(trip.folder / "structure.data", trip.start, specorder=["Li", "Y", "Cl"], masses=True)
    (trip.folder / "potential.in").write_text(f"pair_style lj/cut 7.0\n{pairs}\n")
    done = run_lammps(trip.folder, "explore.in", knobs(trip, ["Li", "Y", "Cl"]))
    assert done.returncode == 0, done.stdout[-800:]
    hop, images = trip.hop, read_frames(trip.folder / HOP, trip.start)
    assert [atoms.info["step"] for atoms in images] == [1, 2, 3]
    places = np.array([atoms.get_scaled_positions(wrap=False)[hop.ion] for atoms in images])
    steps = np.diff(places, axis=0)
    np.testing.assert_allclose(steps - np.round(steps), np.tile(hop.way / 4, (2, 1)), atol=1e-6)
    first = read_frames(trip.folder / FRAMES, trip.start)[0].get_scaled_positions()
    gap = first - trip.start.get_scaled_positions()
    np.testing.assert_allclose(gap - np.round(gap), 0, atol=1e-6)
    found = found_frames([trip], Limits(closest_A=0.5))
    assert sum(atoms.info["origin"] == "md hop" and atoms.info["relaxed"] for atoms in found) == 3


@pytest.mark.parametrize("replacement", [None, {"replace": "Cl", "by": "Br", "fraction": (0.5, 0.5)}])
def test_hop_leads_from_a_filled_to_a_vacant_site_beside_it(sources, replacement):
    for name, source in sources.items():
        start = Start(
            origin="x",
            filling="random",
            cells=((1, 1, 2),),
            strain=0.03,
            shear=0.01,
            replacement=replacement,
        )
        random = np.random.default_rng(5)
        atoms = structure(source, start, random)
        hop = free_hop(atoms, source.unit, random)
        assert atoms.symbols[hop.ion] == "Li", name
        end = atoms.copy()
        end.positions[hop.ion] += hop.way @ atoms.cell[:]
        assert 2.5 < np.linalg.norm(hop.way @ atoms.cell[:]) < 4.2
        assert closest_distance(end) > 2.0
