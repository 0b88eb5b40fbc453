"""``atomstates potentials``: train a potential by a recipe, test it, show what is shipped."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from atomstates.lammps.deepmd_model import model_elements
from atomstates.potentials.recipe import read_recipe
from atomstates.potentials.shipped import model_card, shipped_model, shipped_models
from atomstates.products import file_hash, write_json, written_whole

app = typer.Typer(
    help="Potentials: train by a recipe, validate, and what is shipped.", no_args_is_help=True
)

RecipeFile = Annotated[Path, typer.Argument(help="Recipe (YAML), e.g. workflow/potentials/li-y-cl.yaml")]
Folder = Annotated[Path, typer.Option(help="Work folder; what is done there is not done again")]
TeacherPython = Annotated[
    str, typer.Option(help="Python interpreter in which the teacher is installed (extra: train)")
]


@app.command("train")
def train_command(
    recipe: RecipeFile,
    folder: Folder = Path("potential"),
    teacher_python: TeacherPython = sys.executable,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="Trainings, runs and labellings at a time (default: the recipe's)"),
    ] = None,
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
    model: Annotated[Path, typer.Argument(help="Compressed model, e.g. FOLDER/final/model-1/model.pb")],
    recipe: Annotated[Path, typer.Option(help="The recipe that it was trained by")],
    folder: Folder = Path("potential"),
    teacher_python: TeacherPython = sys.executable,
) -> None:
    """Test a model against its teacher and write its card into FOLDER/validation."""
    from atomstates.potentials.card import card, card_text
    from atomstates.potentials.pipeline import Workshop
    from atomstates.potentials.training import UNCOMPRESSED
    from atomstates.potentials.validation import validate

    shop = Workshop(read_recipe(recipe), folder, teacher_python)
    home = folder / "validation" / file_hash(model)[:12]
    beside = model.parent / UNCOMPRESSED
    found = validate(shop, model, beside if beside.is_file() else None, home)
    content = card(shop, model, found)
    write_json(home / "card.json", content)
    with written_whole(home / "MODEL_CARD.md") as unfinished:
        unfinished.write_text(card_text(content), encoding="utf-8")
    for test in found.tests:
        verdict = {True: "PASS", False: "FAIL", None: "    "}[test.passed]
        typer.echo(
            f"{verdict} {test.name}: {test.value:.3g} {test.unit} (target {test.target}) {test.note}"
        )
    typer.echo(str(home / "card.json"))
    if not content["all_passed"]:
        raise typer.Exit(1)


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Name of a shipped potential")] = "li-y-cl",
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
