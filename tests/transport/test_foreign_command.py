"""The command line from a file of somebody else to numbers, products and sentences."""

import json
import logging
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from foreign_walk import INTERVAL, WALK, dump_text

from atomstates.cli.trajectory import Request, analyse_trajectory
from atomstates.errors import InputError
from atomstates.products import read_json
from atomstates.units import BOLTZMANN, ELEMENTARY_CHARGE

HOP, PROBABILITY, SIDE = 2.0, 0.2, 10.0
N_IONS, N_FRAMES = 60, 800
DIFFUSIVITY = PROBABILITY * HOP**2 / (6 * INTERVAL) * 1e-4
"""cm²/s: D = k a²/6 of hops of length a at the rate k."""
MPIEXEC = Path(sys.executable).parent / "mpiexec"


def command(*arguments, ranks=1):
    launcher = [MPIEXEC, "-n", str(ranks)] if ranks > 1 else []
    return subprocess.run(
        [*launcher, sys.executable, "-m", "atomstates.cli", "transport", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def hops(tmp_path_factory):
    """Ions that hop along random axes at a known rate, and a framework that drifts; folded."""
    generator = np.random.default_rng(21)
    steps = np.zeros((N_FRAMES, N_IONS + 20, 3))
    axis = generator.integers(0, 3, size=(N_FRAMES, N_IONS, 1))
    hop = generator.choice([-HOP, HOP], size=axis.shape) * (generator.random(axis.shape) < PROBABILITY)
    np.put_along_axis(steps[:, :N_IONS], axis, hop, axis=2)
    positions = generator.uniform(0, SIDE, size=(N_IONS + 20, 3)) + steps.cumsum(axis=0)
    drift = 0.05 * np.arange(N_FRAMES)[:, None, None]
    folded = (positions + drift) % SIDE
    names = ["1"] * N_IONS + ["2"] * 20
    path = tmp_path_factory.mktemp("hops") / "hops.lammpstrj"
    with path.open("w") as handle:
        for number, frame in enumerate(folded):
            handle.write(
                f"ITEM: TIMESTEP\n{50 * number}\nITEM: NUMBER OF ATOMS\n{len(names)}\n"
                f"ITEM: BOX BOUNDS pp pp pp\n0 {SIDE}\n0 {SIDE}\n0 {SIDE}\nITEM: ATOMS id type x y z\n"
            )
            for atom, ((x, y, z), name) in enumerate(zip(frame, names, strict=True), start=1):
                handle.write(f"{atom} {name} {x:.4f} {y:.4f} {z:.4f}\n")
    return path


@pytest.fixture(scope="module")
def options(hops):
    return ("--trajectory", hops, "--elements", "Li,Cl", "--ion", "Li", "--timestep-ps", 0.002)


@pytest.fixture(scope="module")
def written(hops, options, tmp_path_factory):
    folder = tmp_path_factory.mktemp("output")
    given = ("--charge", 1, "--temperature-K", 600, "--hop-length-A", HOP, "--output", folder / "one")
    return folder / "one", command(*options, *given)


def test_random_walk_gives_back_its_diffusivity_and_conductivity(written):
    content = read_json(written[0] / "diffusion.json")
    found = content["diffusivity"]
    assert abs(found["value"] - DIFFUSIVITY) < 3 * found["error"] < 0.3 * DIFFUSIVITY
    # σ = N e² D / (V k T), in SI units times 10 for mS/cm
    volume, energy = SIDE**3 * 1e-30, BOLTZMANN * ELEMENTARY_CHARGE * 600
    sigma = 10 * N_IONS * ELEMENTARY_CHARGE**2 * found["value"] * 1e-4 / (volume * energy)
    assert math.isclose(content["conductivity"]["value"], sigma, rel_tol=1e-6)
    # ions that know nothing of each other
    ratio = content["haven_ratio"]
    assert ratio["value"] is None or abs(ratio["value"] - 1) < 3 * ratio["error"]


def test_products_are_those_of_a_run_and_a_figure(written):
    folder, _ = written
    names = {path.name for path in folder.iterdir()}
    assert names == {"diffusion.json", "msd.csv", "msd.svg", "msd.png", "done.json"}
    header = (folder / "msd.csv").read_text().splitlines()[0]
    assert header == "lag_ps,msd_A2,msd_error_A2,xx_A2,yy_A2,zz_A2,mscd_A2"
    marker = read_json(folder / "done.json")
    assert marker["numbers"]["diffusivity"]["unit"] == "cm²/s"
    assert "atomstates" in marker["provenance"]
    assert marker["facts"]["assumptions"] == read_json(folder / "diffusion.json")["assumptions"]


def test_everything_that_was_taken_is_said(written):
    _, shown = written
    assert shown.returncode == 0, shown.stderr
    for sentence in (
        "positions: columns x y z, unwrapped by nearest images (longest step between frames: 0.2",
        "800 frames, 0.1 ps apart, by its step numbers and steps of 0.002 ps",
        "ions: 60 Li of charge +1 e",
        "framework: 20 atoms (Cl), whose centre of mass is held still, weighed by the masses of the",
        "volume: 1000 Å³, of a cell that stays",
        "temperature: 600 K, as given",
        "hop length: 2 Å, as given",
    ):
        assert sentence in shown.stdout


def test_number_of_ranks_leaves_no_trace(written, options, tmp_path):
    given = ("--charge", 1, "--temperature-K", 600, "--hop-length-A", HOP, "--output", tmp_path / "two")
    shown = command(*options, *given, ranks=2)
    assert shown.returncode == 0, shown.stderr
    for name in ("diffusion.json", "msd.csv"):
        assert (tmp_path / "two" / name).read_text() == (written[0] / name).read_text()
    assert shown.stdout == written[1].stdout


def test_without_charge_and_temperature_there_is_no_conductivity(options):
    shown = command(*options, "--json")
    content = json.loads(shown.stdout)
    assert content["diffusivity"]["value"] > 0
    assert content["conductivity"]["value"] is None
    assert content["conductivity"]["note"] == "not given: --charge, --temperature-K"
    assert content["temperature_K"] is None
    assert "hop length: 3 Å, by default" in content["assumptions"]


def test_too_little_diffusion_is_said_with_numbers(tmp_path):
    still = WALK[:1] + 0.001 * (WALK - WALK[:1])
    (tmp_path / "still").write_text(dump_text(still))
    shown = command("--trajectory", tmp_path / "still", "--ion", "Li", "--timestep-ps", 0.002)
    assert shown.returncode == 0
    assert "no diffusivity: Li moved" in shown.stdout
    assert "run longer or hotter" in shown.stdout
    assert "diffusivity below" in shown.stdout


@pytest.mark.usefixtures("logger")
@pytest.mark.parametrize(("named", "words"), [("all", "12 atoms (Cl, Li, Y)"), ("Y", "1 atom (Y)")])
def test_framework_can_be_named(tmp_path, capsys, named, words):
    (tmp_path / "walk").write_text(dump_text())
    analyse_trajectory(Request(files=(tmp_path / "walk",), ion="Li", timestep=0.002, framework=named))
    assert f"framework: {words}, whose centre of mass" in capsys.readouterr().out


@pytest.mark.usefixtures("logger")
def test_drift_of_everything_moves_no_ion(tmp_path):
    results = []
    for number, drift in enumerate((0.0, 0.1)):
        walk = WALK + drift * np.arange(len(WALK))[:, None, None]
        path, folder = tmp_path / f"walk{number}", tmp_path / str(number)
        path.write_text(dump_text(walk, "id element xu yu zu"))
        analyse_trajectory(Request(files=(path,), ion="Li", timestep=0.002, output=folder))
        results.append(np.loadtxt(folder / "msd.csv", delimiter=",", skiprows=1))
    np.testing.assert_allclose(*results, rtol=1e-4)


MISTAKES = {
    "no ion": ({"ion": None}, "say which by --ion"),
    "no time": ({"timestep": None}, "--timestep-ps"),
    "unknown ion": ({"ion": "Lo"}, r"there are Cl, Li, Y; did you mean Li\?"),
    "unknown framework": ({"framework": "Y,O"}, "no atom is called O"),
    "no types": ({"elements": "Li,Y,Cl"}, "no column `type`, which --elements needs"),
    "no heat": ({"temperature": -3.0}, "--temperature-K -3: a positive number is needed"),
    "no window": ({"window": (3.0, 2.0)}, "--fit-window-ps 3 2: no lags between them"),
    "no charge": ({"charge": 0.0}, "conduct nothing"),
    "no topology": ({"topology": Path("none.pdb")}, r"none\.pdb: there is no such file"),
}


@pytest.fixture
def logger():
    """The logger of the package is as before afterwards."""
    logger = logging.getLogger("atomstates")
    before = logger.handlers[:], logger.propagate, logger.level
    yield
    logger.handlers[:], logger.propagate, logger.level = before


@pytest.mark.usefixtures("logger")
@pytest.mark.parametrize(("changed", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_explained(tmp_path, changed, words):
    (tmp_path / "walk").write_text(dump_text())
    request = Request(files=(tmp_path / "walk",), ion="Li", timestep=0.002)
    with pytest.raises(InputError, match=words):
        analyse_trajectory(replace(request, **changed))


@pytest.mark.usefixtures("logger")
def test_ions_alone_have_no_framework(tmp_path):
    text = dump_text(names="id type xu yu zu")
    (tmp_path / "walk").write_text(text)
    request = Request(files=(tmp_path / "walk",), ion="Li", timestep=0.002, elements="Li,Li,Li")
    with pytest.raises(InputError, match=r"all atoms are Li: .*`--framework all`"):
        analyse_trajectory(request)


def test_options_of_a_trajectory_need_one():
    for given, words in (
        (["walk.dcd", "--ion", "Li"], "no --trajectory FILE"),
        (["--trajectory", "walk.dcd", "--run", "a"], "--trajectory is no run of a campaign"),
    ):
        shown = command(*given)
        assert shown.returncode == 2
        assert words in " ".join(shown.stderr.replace("│", " ").split())


def test_several_files_follow_one_option(tmp_path):
    (tmp_path / "a").write_text(dump_text(WALK[:30]))
    (tmp_path / "b").write_text(dump_text(WALK[30:], steps=50 * np.arange(30, 60)))
    shown = command("--trajectory", tmp_path / "a", tmp_path / "b", "--ion", "Li", "--timestep-ps", 0.002)
    assert "60 frames, 0.1 ps apart" in shown.stdout
