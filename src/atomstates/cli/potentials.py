"""``atomstates potentials``: train a potential by a recipe, test it, show what is shipped."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from atomstates.lammps.deepmd_model import model_elements
from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.shipped import model_card, shipped_model, shipped_models

app = typer.Typer(
    help="Potentials: train by a recipe, validate, and what is shipped.", no_args_is_help=True
)

RecipeFile = Annotated[Path, typer.Argument(help="Recipe (YAML), e.g. workflow/potentials/li-y-cl-br.yaml")]
Folder = Annotated[Path, typer.Option(help="Work folder; what is done there is not done again")]
TeacherPython = Annotated[
    str, typer.Option(help="Python interpreter in which the teacher is installed (extra: train)")
]


Processes = Annotated[
    int | None,
    typer.Option(min=1, help="Trainings, runs and labellings at a time (default: the recipe's)"),
]


class Stays(StrEnum):
    """What becomes of the long runs of ``validate``."""

    make = "make"
    leave = "leave"
    only = "only"


@app.command("train")
def train_command(
    recipe: RecipeFile,
    folder: Folder = Path("potential"),
    teacher_python: TeacherPython = sys.executable,
    processes: Processes = None,
) -> None:
    """Explore, label and train in rounds, until the recipe is done.

    The same command again goes on where it was; several at once share the work.
    """
    # Here and below: ASE comes with the extra `train` and is asked for only when it is needed.
    from atomstates.cli.output import configure_logging
    from atomstates.cli.training_figures import draw_rounds
    from atomstates.potentials.pipeline import Workshop, train

    configure_logging()
    done = train(Workshop(read_recipe(recipe), folder, teacher_python, processes), draw_rounds)
    typer.echo(done.verdict)
    for model in done.models:
        typer.echo(str(model))


@app.command("validate")
def validate_command(
    model: Annotated[
        str, typer.Argument(help="Compressed model, e.g. FOLDER/final/model-1/model.pb, or shipped:NAME")
    ],
    recipe: Annotated[Path, typer.Option(help="The recipe that it was trained by")],
    folder: Folder = Path("potential"),
    teacher_python: TeacherPython = sys.executable,
    against: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Measure the speed in turns with this model (or shipped:NAME)"),
    ] = None,
    processes: Processes = None,
    stays: Annotated[
        Stays,
        typer.Option(
            help="The long runs: make them, leave them out unless they are there, or do only them"
        ),
    ] = Stays.make,
) -> None:
    """Test a model against its teacher; page, card and tables go into FOLDER/validation.

    The same command again goes on where it was; ``--stays only`` may run beside it.
    """
    from atomstates.cli.output import configure_logging
    from atomstates.cli.validation import validated
    from atomstates.potentials.workshop import Workshop

    configure_logging()
    shop = Workshop(read_recipe(recipe), folder, teacher_python, processes)
    other = None if against is None else _model_file(against)
    if not validated(shop, _model_file(model), other, stays.value, typer.echo):
        raise typer.Exit(1)


def _model_file(name: str) -> Path:
    """A model by its path, or a shipped one by ``shipped:NAME``."""
    return shipped_model(name.removeprefix("shipped:")) if name.startswith("shipped:") else Path(name)


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Name of a shipped potential")] = "li-y-cl-br",
) -> None:
    """Show where a shipped potential and its further models lie, its elements and its tests."""
    path = shipped_model(name)
    content = model_card(name)
    typer.echo(f"{path}\n{content['title']}\nelements: {' '.join(model_elements(path))}")
    potential = name.partition("/")[0]
    for number, further in enumerate(shipped_models(potential)[1:], start=2):
        typer.echo(f"shipped:{potential}/{number}: {further}")
    for test in content["tests"]:
        typer.echo(
            f"{test['name']}: {test['value']:.3g} {test['unit']} (target {test['target']}) {test['note']}"
        )
