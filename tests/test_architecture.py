"""Rooms import from their left or from below, never from their right."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import atomstates

PACKAGE = Path(atomstates.__file__).parent

# each room with the rooms to its left (ARCHITECTURE.md has the drawing)
LEFT_OF = {
    "structures": set(),
    "potentials": {"structures"},
    "md": {"structures", "potentials"},
    "minimize": {"structures", "potentials", "md"},
    "doas": {"structures", "potentials", "md", "minimize"},
    "transport": {"structures", "potentials", "md"},
    "barriers": {"structures", "potentials", "md", "minimize", "doas"},
    # the report reads the markers of all stages, so it knows their table
    "report": {"structures", "potentials", "md", "minimize", "doas", "transport", "barriers", "stages"},
}
BELOW = {"piecewise", "units", "errors", "locks", "resources", "parallel", "products", "campaign", "lammps"}
ABOVE = {"stages", "workflow", "slurm", "check", "init", "notebook", "cli"}

# what must not be imported before it is needed
HEAVY = (
    "MDAnalysis",
    "pymatgen",
    "matplotlib",
    "lammps",
    "mpi4py",
    "snakemake",
    "tensorflow",
    "scipy",
    "h5py",
    "ase",
)


def imported_rooms(file):
    """The parts of this package that a file imports, at its top or inside its functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names = [node.module or ""]
            if node.module == "atomstates":
                names = [f"atomstates.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "atomstates" and len(parts) > 1:
                yield parts[1]


def files_of(part):
    # a room that is planned has no files yet
    return sorted({*(PACKAGE / part).rglob("*.py"), *PACKAGE.glob(f"{part}.py")})


@pytest.mark.parametrize("room", LEFT_OF)
def test_rooms_import_from_their_left_or_from_below(room):
    allowed = LEFT_OF[room] | BELOW | {room, "__version__"}
    wrong = [
        f"{file.relative_to(PACKAGE)} imports {other}"
        for file in files_of(room)
        for other in imported_rooms(file)
        if other not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("part", sorted(BELOW))
def test_what_lies_below_knows_no_room(part):
    wrong = [
        f"{file.relative_to(PACKAGE)} imports {other}"
        for file in files_of(part)
        for other in imported_rooms(file)
        if other in LEFT_OF or other in ABOVE
    ]
    assert wrong == []


def test_every_part_has_its_place():
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert parts - {"__init__", "_files"} <= set(LEFT_OF) | BELOW | ABOVE


@pytest.mark.parametrize("module", ["atomstates.cli.main", "atomstates.stages", "atomstates.workflow"])
def test_nothing_heavy_is_imported_before_it_is_needed(module):
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() == []


@pytest.mark.parametrize(
    "module",
    [
        "doas/density",
        "doas/disorder",
        "doas/transition",
        "transport/msd",
        "transport/diffusivity",
        "transport/conductivity",
        "transport/arrhenius",
    ],
)
def test_physics_takes_arrays_and_numbers(module):
    """No campaign and no communicator between the readers and the writers."""
    assert {"campaign", "parallel", "lammps"}.isdisjoint(imported_rooms(PACKAGE / f"{module}.py"))
