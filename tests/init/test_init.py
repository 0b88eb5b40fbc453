"""`init` writes a campaign that passes `check` at once and runs; what it guessed is marked."""

import os
import pty
import select
import subprocess
import sys
import time

import pytest
import yaml
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifWriter
from stand_in_campaign import STAND_INS

from atomstates.campaign.reading import read_campaign, read_material
from atomstates.campaign.schema import Crystal
from atomstates.init import asking, guesses
from atomstates.init.asking import Asker
from atomstates.init.draft import Options, draft
from atomstates.structures.crystal import average_structure

LENNARD_JONES = ("--pair-style", "lj/cut 7.0", "--pair-coeff", "* * 0.01 3.0")

# Li3YCl6 (Asano et al. 2018) as CIFs are published: symmetry, one row for each Wyckoff position
LI3YCL6 = """data_Li3YCl6
_cell_length_a 11.2217
_cell_length_b 11.2217
_cell_length_c 6.05517
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120
_symmetry_space_group_name_H-M 'P -3 m 1'
_symmetry_Int_Tables_number 164
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Li1 Li 0.326 0 0 0.75
Li2 Li 0.332 0 0.5 0.75
Y1 Y 0 0 0 1
Y2 Y 0.333333 0.666667 0.5 1
Cl1 Cl 0.1133 -0.1133 0.7827 1
Cl2 Cl 0.2136 -0.2136 0.2561 1
Cl3 Cl 0.4367 -0.4367 0.7461 1
"""


@pytest.fixture(scope="module")
def cifs(tmp_path_factory):
    """Li3YCl6 as it is published, an argyrodite with Li on half of 48h and S and Cl mixed, and SiO2."""
    folder = tmp_path_factory.mktemp("cifs")
    (folder / "Li3YCl6 (293 K).cif").write_text(LI3YCL6)
    argyrodite = Structure.from_spacegroup(
        "F-43m",
        Lattice.cubic(9.859),
        [{"Li": 0.5}, {"P": 1}, {"S": 1}, {"S": 0.615, "Cl": 0.385}, {"Cl": 0.615, "S": 0.385}],
        [[0.3125, 0.0192, 0.6875], [0, 0, 0.5], [0.1195, -0.1195, 0.6195], [0, 0, 0], [0.25, 0.25, 0.75]],
    )
    CifWriter(argyrodite).write_file(folder / "argyrodite.cif")
    silica = Structure.from_spacegroup("Fd-3m", Lattice.cubic(7.12), ["Si", "O"], [[0, 0, 0], [0.125] * 3])
    CifWriter(silica).write_file(folder / "silica.cif")
    return folder


@pytest.fixture
def command(tmp_path):
    """Runs the command line in an empty folder; stands in for the stages where ``acted``."""
    environment = {name: value for name, value in os.environ.items() if name != "ATOMSTATES_RESULTS"}

    def run(*arguments, acted=False):
        extra = {"PYTHONPATH": str(STAND_INS), "ORDERS": str(tmp_path)} if acted else {}
        return subprocess.run(
            [sys.executable, "-m", "atomstates.cli", *map(str, arguments)],
            cwd=tmp_path, env=environment | extra, capture_output=True, text=True, timeout=240, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


def written(folder, name):
    campaign = read_campaign(folder / f"{name}-campaign.yaml")
    material, _ = read_material(campaign.materials[0], folder)
    return campaign, material


def test_published_crystal_with_the_shipped_potential(command, cifs, tmp_path):
    said = command("init", cifs / "Li3YCl6 (293 K).cif", "--model", "shipped:li-y-cl-br", "--schemas")
    assert said.returncode == 0, said.stderr
    campaign, material = written(tmp_path, "li3ycl6-293-k")
    assert (material.mobile, material.anions) == ("Li", ("Cl",))
    assert material.charges == {"Li": 1, "Y": 3, "Cl": -1}
    # 2 × 6.5 Å: the faces of the cell are 9.72, 9.72 and 6.06 Å apart
    assert material.supercell == (2, 2, 3)
    assert material.hop_length_A == pytest.approx(3.03, abs=0.005)
    assert (material.channels, material.ordering.cell) == (None, (1, 1, 1))
    assert campaign.md.timestep_fs == 2.0
    text = (tmp_path / "li3ycl6-293-k.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=atomstates-material.schema.json\n")
    for key in ("mobile", "anions", "charges", "supercell", "hop_length_A", "ordering"):
        assert next(line for line in text.splitlines() if line.startswith(f"{key}:")).count("GUESS") == 1
    assert "12 sites with 0.75 Li (Li1, Li2)" in text
    checked = command("check", "li3ycl6-293-k-campaign.yaml", "--no-timing")
    assert checked.returncode == 0
    assert "WARN" not in checked.stdout + checked.stderr
    ran = command("run", "li3ycl6-293-k-campaign.yaml", "md", acted=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "trace").read_text().count("md li3ycl6-293-k_") == len(campaign.temperatures_K)


@pytest.mark.parametrize(
    ("cutoff", "width", "because"),
    [
        (6.5, 13.0, "twice the potential's cut-off of 6.5 Å"),
        (4.0, 12.0, "more than twice the potential's cut-off of 4 Å"),
        (None, 20.0, "the cut-off of the potential is not known"),
    ],
)
def test_width_of_the_cell_by_the_cutoff(cutoff, width, because):
    assert guesses.cell_width(cutoff) == guesses.Guess(width, because)


def test_argyrodite_with_mixed_anions_and_half_filled_sites(command, cifs, tmp_path):
    said = command("init", cifs / "argyrodite.cif", *LENNARD_JONES)
    assert said.returncode == 0, said.stderr
    _, material = written(tmp_path, "argyrodite")
    assert (material.mobile, set(material.anions)) == ("Li", {"S", "Cl"})
    assert material.charges == {"Li": 1, "P": 5, "S": -2, "Cl": -1}
    # pairs 1.74 Å apart are never both filled: a hop is to the next pair
    assert 2.0 < material.hop_length_A < 3.0
    # nothing tells the cut-off of a pair style: 20 Å
    assert material.supercell == (3, 3, 3)
    text = (tmp_path / "argyrodite.yaml").read_text()
    assert "48 sites with 0.5 Li" in text
    assert "0.385 S + 0.615 Cl" in text
    assert command("check", "argyrodite-campaign.yaml", "--no-timing").returncode == 0


def test_crystal_without_a_mobile_ion_asks_for_it(command, cifs, tmp_path):
    said = command("init", cifs / "silica.cif", *LENNARD_JONES)
    assert said.returncode == 1
    assert "Mobile ion: neither given nor to be guessed; give it with --mobile" in said.stderr
    named = command("init", cifs / "silica.cif", *LENNARD_JONES, "--mobile", "Li")
    assert named.returncode == 1
    assert "mobile names Li, which is not in the crystal; there are: Si, O" in named.stderr
    assert [path for path in tmp_path.iterdir() if path.suffix == ".yaml"] == []


def test_model_that_lacks_an_element_writes_nothing(command, cifs, tmp_path):
    said = command("init", cifs / "argyrodite.cif", "--model", "shipped:li-y-cl-br")
    assert said.returncode == 1
    assert "nothing was written" in said.stderr
    assert "the model knows Li, Y, Cl, Br, but the material also has" in said.stderr
    assert list(tmp_path.glob("*.yaml")) == []


def test_files_that_are_there_are_kept(command, cifs, tmp_path):
    (tmp_path / "mine.yaml").write_text("mine")
    arguments = ("init", cifs / "Li3YCl6 (293 K).cif", "--model", "shipped:li-y-cl-br", "--name", "mine")
    said = command(*arguments)
    assert said.returncode == 1
    assert "mine.yaml: exist" in said.stderr
    assert (tmp_path / "mine.yaml").read_text() == "mine"
    assert command(*arguments, "--overwrite").returncode == 0


def test_any_lines_of_a_pair_style_are_taken(cifs, tmp_path):
    (tmp_path / "mine.table").write_text("table")
    options = Options(
        cif=str(cifs / "argyrodite.cif"), pair_style="lj/cut/coul/long 7", pair_coeff=("* * 0.01 3.0",),
        potential_files=(str(tmp_path / "mine.table"),), potential_commands=("kspace_style pppm 1e-5",),
    )  # fmt: skip
    answers = draft(options, Asker(asks=False), tmp_path)
    assert answers.potential.lammps.commands == ("kspace_style pppm 1e-5",)
    assert answers.potential.lammps.files == ("mine.table",)
    assert answers.potential.lammps.atom_style == "charge"
    assert "potential.lammps.atom_style" in answers.guesses


def test_what_was_given_is_no_guess(cifs, tmp_path):
    options = Options(
        cif=str(cifs / "Li3YCl6 (293 K).cif"), models=("shipped:li-y-cl-br",), mobile="Li", anions="Cl",
        charges="Li=1,Y=3,Cl=-1", width="18", hop_length="3.0", temperatures="500,400", name="mine",
    )  # fmt: skip
    answers = draft(options, Asker(asks=False), tmp_path)
    assert set(answers.guesses) == {"ordering.cell", "md.timestep_fs"}
    assert answers.temperatures.value == (400, 500)
    assert answers.supercell.value == (2, 2, 3)


@pytest.mark.parametrize(
    ("parsed", "text", "words"),
    [
        (asking.charges, "Li1", "Li=1,Y=3,Cl=-1"),
        (asking.charges, "Li=one", "Li=1,Y=3,Cl=-1"),
        (asking.symbol, "Li,Na", "one element is needed"),
        (asking.symbols, "Xx", "no chemical symbol"),
        (asking.positive, "-3", "positive number"),
        (asking.temperatures, "300,300", "named twice"),
        (asking.words, " , ", "one at least"),
    ],
)
def test_answers_that_make_no_sense_say_what_is_needed(parsed, text, words):
    with pytest.raises(ValueError, match=words):
        parsed(text)


def test_charges_that_a_cif_declares_come_before_guesses(tmp_path):
    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.2), ["Cu+", "H-"], [[0, 0, 0], [0.5] * 3])
    file = tmp_path / "salt.cif"
    CifWriter(salt).write_file(file)
    found = guesses.charges(average_structure(Crystal(cif=str(file)), file), {"Cu": 4, "H": 4}, file)
    assert found.value == {"Cu": 1, "H": -1}
    assert "declares" in found.because


def test_ordering_cell_grows_along_its_shortest_side_until_atoms_are_whole():
    structure = Structure(Lattice.tetragonal(4, 3), [{"Li": 1 / 3}, "Cl"], [[0, 0, 0], [0.5] * 3])
    assert guesses.ordering_cell(structure).value == (1, 1, 3)


def test_light_atoms_get_a_short_timestep():
    def step(*elements):
        cell = Structure(Lattice.cubic(5), elements, [[0.3 * i] * 3 for i in range(len(elements))])
        return guesses.timestep(cell).value

    assert (step("Li", "Cl"), step("O", "H")) == (2.0, 1.0)


class Terminal:
    """The command line on a terminal that only this test sees."""

    def __init__(self, folder, *arguments):
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "atomstates.cli", *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, start_new_session=True,
            env={**os.environ, "TERM": "dumb", "COLUMNS": "200"},
        )  # fmt: skip
        os.close(theirs)
        self.shown = ""

    def read_until(self, words, seconds=120.0):
        """Read until these words are there since the last time."""
        begin, start = len(self.shown), time.monotonic()
        while words not in self.shown[begin:]:
            assert time.monotonic() - start < seconds, f"no {words!r} in {self.shown[begin:]!r}"
            if select.select([self._ours], [], [], 0.5)[0]:
                try:
                    self.shown += os.read(self._ours, 4096).decode()
                except OSError:  # the other end was closed
                    break
        assert words in self.shown[begin:], self.shown

    def type(self, line):
        os.write(self._ours, f"{line}\n".encode())

    def end(self):
        self.read_until("atomstates run")
        code = self.process.wait(60)
        os.close(self._ours)
        return code


def test_answers_on_a_terminal_are_no_guesses(cifs, tmp_path):
    terminal = Terminal(tmp_path, "init", "--hop-length-A", "3.03")
    terminal.read_until("CIF file of the crystal")
    terminal.type("nowhere.cif")
    terminal.read_until("there is no such file")
    terminal.type(cifs / "Li3YCl6 (293 K).cif")
    terminal.read_until("Potential")
    terminal.type("shipped:li-y-cl-br")
    terminal.read_until("[Li]")
    terminal.type("")
    terminal.read_until("[Cl]")
    terminal.type("")
    terminal.read_until("=-1")
    terminal.type("Li=1,Y=3,Cl=-1")
    terminal.read_until("[13]")
    terminal.type("12")
    terminal.read_until("Temperatures in K")
    terminal.type("500 600 700")
    assert terminal.end() == 0
    text = (tmp_path / "li3ycl6-293-k.yaml").read_text()
    content = yaml.safe_load(text)
    assert content["supercell"] == [2, 2, 2]
    assert [line for line in text.splitlines() if "GUESS" in line and line[0] != "#"] == [
        next(line for line in text.splitlines() if line.startswith("ordering:"))
    ]
    assert written(tmp_path, "li3ycl6-293-k")[0].temperatures_K == (500, 600, 700)
