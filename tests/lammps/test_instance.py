"""LAMMPS inside this process: arrays by atom id, nothing on the screen, errors in its own words."""

import subprocess
import sys

import numpy as np
import pytest

from atomstates.errors import ProgramError
from atomstates.lammps.instance import LammpsInstance

CRYSTAL = """
units metal
atom_style atomic
atom_modify map yes
lattice fcc 5.3
region all prism 0 3 0 3 0 3 0 0 0
create_box 1 all
create_atoms 1 box
mass 1 39.9
pair_style lj/cut 7.0
pair_coeff 1 1 0.0104 3.4
compute energy all pe/atom
compute total all reduce sum c_energy
thermo_style custom step pe c_total
run 0
"""


@pytest.fixture(scope="module")
def crystal(tmp_path_factory):
    with LammpsInstance(tmp_path_factory.mktemp("lammps") / "log.lammps") as lammps:
        lammps.commands(CRYSTAL)
        yield lammps


def test_energies_of_the_atoms_add_up(crystal):
    crystal.commands("run 0")
    energies = crystal.per_atom("c_energy")
    assert energies.shape == (108,)
    assert energies.sum() == pytest.approx(crystal.thermo("pe"), rel=1e-12)


def test_positions_come_back_unwrapped_however_far_they_are(crystal):
    cell = crystal.cell()
    start = crystal.positions()
    away = start + np.array([3.0, -2.0, 7.0]) @ cell + 0.1 * np.sin(np.arange(324)).reshape(108, 3)
    crystal.set_positions(away)
    crystal.commands("run 0")
    np.testing.assert_allclose(crystal.positions(), away, rtol=1e-12)
    crystal.set_positions(start)


def test_cell_can_be_sheared_and_put_back(crystal):
    crystal.commands("run 0")
    cell, positions = crystal.cell(), crystal.positions()
    energy = crystal.thermo("pe")
    sheared = cell * 1.01 + np.array([[0, 0, 0], [0.5, 0, 0], [-0.3, 0.2, 0]])
    crystal.set_cell(sheared)
    crystal.set_positions(positions @ np.linalg.inv(cell) @ sheared)
    crystal.commands("run 0")
    np.testing.assert_allclose(crystal.cell(), sheared, rtol=1e-12)
    assert abs(crystal.thermo("pe") - energy) > 0.01
    crystal.set_cell(cell)
    crystal.set_positions(positions)
    crystal.commands("run 0")
    assert crystal.thermo("pe") == pytest.approx(energy, rel=1e-9)


def test_error_has_the_words_of_lammps(crystal):
    with pytest.raises(ProgramError, match=r"ERROR: Unrecognized pair style 'nonsense'"):
        crystal.commands("pair_style nonsense")
    with pytest.raises(ProgramError, match="named 'charm'"):
        crystal.per_atom("charm")
    crystal.commands("pair_style lj/cut 7.0\npair_coeff 1 1 0.0104 3.4")


def test_wrong_shapes_are_refused(crystal):
    with pytest.raises(ValueError, match=r"\(108, 3\)"):
        crystal.set_positions(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="lower triangle"):
        crystal.set_cell(np.ones((3, 3)))


@pytest.mark.parametrize("launcher", [[], ["mpiexec", "-n", "2"]], ids=["alone", "two ranks"])
def test_nothing_reaches_the_screen(tmp_path, launcher):
    from atomstates.lammps.running import environment, found_command

    code = f"""
from pathlib import Path
from atomstates.parallel import world
from atomstates.lammps.instance import LammpsInstance
comm = world()
with LammpsInstance(Path({str(tmp_path)!r}) / f"log.{{comm.rank}}") as lammps:
    lammps.commands('''{CRYSTAL}''')
    energies = comm.gathered(lammps.thermo("pe"))
if comm.rank == 0:
    print(len(energies), len(set(energies)))
"""
    words = found_command(launcher) if launcher else []
    done = subprocess.run(
        [*words, sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout.split() == ["2" if launcher else "1", "1"]
    assert done.stderr == ""
    assert "LAMMPS" in (tmp_path / "log.0").read_text()


def test_the_plugin_of_deepmd_is_loaded_without_the_python_of_tensorflow(tmp_path):
    from atomstates.lammps.running import environment

    code = f"""
import sys
from importlib.util import find_spec
from pathlib import Path
from atomstates.lammps.instance import LammpsInstance
with LammpsInstance(Path({str(tmp_path / "log")!r})) as lammps:
    lammps.commands("plugin list")
left_to_deepmd = any(find_spec(name) for name in ("torch", "nvidia"))
print(left_to_deepmd or not {{"tensorflow", "deepmd.lmp"}} & sys.modules.keys())
"""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.split() == ["True"], done.stderr
    assert "deepmd" in (tmp_path / "log").read_text()
