"""What ``atomstates arrhenius`` does: activation energies and Tc of a user's table."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from atomstates.errors import InputError
from atomstates.products import Measured, as_json
from atomstates.report.wording import measured_text, plain_text, unit_text
from atomstates.transport.arrhenius import Arrhenius, arrhenius
from atomstates.transport.columns import Quantity
from atomstates.transport.conductivity import nernst_einstein_conductivity
from atomstates.transport.outcome import arrhenius_numbers, fit_content, logarithm
from atomstates.transport.table import ConductivityTable, read_conductivities
from atomstates.units import A2_PER_PS_TO_CM2_PER_S

SEED = 1
_MODELS = {"line": "one line", "kink": "kink", "jump": "jump", "curve": "parabola (to compare)"}
_FIGURES = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class Ions:
    """What takes a diffusivity to a conductivity: mobile ions per Å³, and their charge in e."""

    number_density: float
    charge: float


def ions(
    charge: float | None, number_density: float | None, volume: float | None, n_ions: int | None
) -> Ions | None:
    """Ions from the options of the command line; None where none of them was given.

    Raises
    ------
    InputError
        Some of them are given, but not all that are needed, or twice.
    """
    if charge is None and number_density is None and volume is None and n_ions is None:
        return None
    if volume is not None and n_ions is not None and number_density is None:
        number_density = n_ions / volume
    elif volume is not None or n_ions is not None:
        raise InputError(
            "the number of ions: give --volume-A3 with --n-ions, or --number-density-per-A3 alone"
        )
    if charge is None or number_density is None:
        raise InputError(
            "a conductivity needs --charge and, for the number of ions, --number-density-per-A3 or "
            "--volume-A3 with --n-ions"
        )
    return Ions(number_density, charge)


def fit_table(
    path: Path,
    *,
    quantity: Quantity | None,
    relative_error: float | None,
    carriers: Ions | None,
    extrapolate: float,
    figure: Path | None,
    json: bool,
) -> None:
    """Fit a table and show what was found, as tables or as JSON; draw it if a figure is named.

    Raises
    ------
    InputError
        The table, an option or the name of the figure makes no sense.
    TooLittleDiffusion
        Fewer than three temperatures.
    """
    if figure is not None and figure.suffix.lower() not in _FIGURES:
        raise InputError(f"{figure}: figures are {', '.join(_FIGURES)}; name the file so")
    table = read_conductivities(path, quantity, relative_error)
    if carriers is not None:
        table = as_conductivities(path, table, carriers)
    result = arrhenius(table.temperature, table.value, table.error, quantity=table.quantity, seed=SEED)
    numbers = arrhenius_numbers(result, None, extrapolate, table.unit or "unit of the table")
    value = numbers.pop("conductivity")
    numbers[f"{table.quantity}_at_{extrapolate:g}_K"] = value
    if json:
        print(as_json(_content(path, table, result, numbers)))
    else:
        _show(path, table, result, numbers)
    if figure is not None:
        draw(figure, table, result, extrapolate)


def as_conductivities(path: Path, table: ConductivityTable, carriers: Ions) -> ConductivityTable:
    """Nernst–Einstein conductivities of a table of diffusivities.

    Raises
    ------
    InputError
        It has conductivities already, or no unit.
    """
    if table.quantity != "diffusivity" or not table.unit:
        found = "conductivities" if table.quantity == "conductivity" else "diffusivities without a unit"
        raise InputError(
            f"{path}: has {found}; diffusivities with a unit (diffusivity_cm2_per_s) become conductivities"
        )
    factor = np.array(
        [
            nernst_einstein_conductivity(
                1 / A2_PER_PS_TO_CM2_PER_S, 1, carriers.charge, 1 / carriers.number_density, float(t)
            )
            for t in table.temperature
        ]
    )
    words = (
        f"conductivity by Nernst and Einstein: {carriers.number_density:.4g} ions per Å³ of charge "
        f"{carriers.charge:g} e at all temperatures"
    )
    return replace(
        table,
        quantity="conductivity",
        unit="mS/cm",
        value=table.value * factor,
        error=table.error * factor,
        read=(*table.read, words),
    )


def draw(path: Path, table: ConductivityTable, result: Arrhenius, extrapolate: float) -> None:
    """Draw points, segments and Tc, and below them the likelihood against Tc where there is one."""
    from atomstates.products import written_whole
    from atomstates.report.arrhenius_figures import ArrheniusPlot, draw_arrhenius
    from atomstates.report.arrhenius_pictures import segments, transition_mark
    from atomstates.report.estimate_figures import TransitionProfile, draw_profile
    from atomstates.report.style import blank_figure, style, temperature_colours

    t, scan = table.temperature, result.transition.profile
    colours = temperature_colours(t.tolist())
    fitted = table.value * t if table.quantity == "conductivity" else table.value
    shown = {"mS/cm": "σT in mS K/cm", "cm²/s": "D in cm²/s"}.get(table.unit, "in the unit of the table")
    found = result.transition
    mark = Measured(found.temperature, found.error, "K", len(t), "", found.interval)
    plot = ArrheniusPlot(
        temperature=t,
        value=np.log(fitted),
        error=table.error / table.value,
        colours=tuple(colours[float(one)] for one in t),
        refused=np.empty(0),
        bound=np.empty(0),
        refused_colours=(),
        segments=segments(fit_content(result, SEED), t),
        transition=transition_mark(mark),
        target=extrapolate,
        label=f"{logarithm(result)},  {shown}",
    )
    reached = scan is not None and (np.isfinite(scan.kink).any() or np.isfinite(scan.jump).any())
    with style(), written_whole(path) as unfinished:
        drawing = blank_figure(height=5.0 if reached else 3.3, width=5.2)
        axes = drawing.subplots(2 if reached else 1, 1, squeeze=False, height_ratios=[2, 1][: 1 + reached])
        draw_arrhenius(axes[0, 0], plot)
        if scan is not None and reached:
            profile = TransitionProfile(
                1 / scan.position[::-1], scan.kink[::-1], scan.jump[::-1], scan.line
            )
            draw_profile(axes[1, 0], profile)
            axes[1, 0].set_xlabel("transition temperature, K")
            axes[1, 0].legend(loc="upper left", bbox_to_anchor=(1.06, 1.0), borderaxespad=0.0)
        drawing.savefig(unfinished, format=path.suffix[1:].lower(), dpi=300)


def _content(
    path: Path, table: ConductivityTable, result: Arrhenius, numbers: dict[str, Measured]
) -> dict[str, Any]:
    """What is found, as plain data."""
    return {
        "table": str(path),
        "read": list(table.read),
        "fitted": f"{logarithm(result)} against 1/T",
        "unit": table.unit or None,
        **numbers,
        **fit_content(result, SEED),
    }


def _show(path: Path, table: ConductivityTable, result: Arrhenius, numbers: dict[str, Measured]) -> None:
    """Show what was read, how the models do, and what follows."""
    console = Console()
    if not console.is_terminal:
        console.width = 120

    def say(words: str, style: str | None = None) -> None:
        console.print(words, style=style, markup=False, highlight=False, soft_wrap=True)

    say(f"{path}: {'; '.join(table.read)}")
    say(f"Fitted: {logarithm(result)} against 1/T, weighted by the errors.")
    if (comparison := result.transition.comparison) is not None:
        console.print(_models(result))
        if comparison.inflation > 1:
            times = math.sqrt(comparison.inflation)
            say(f"Errors are taken {times:.2g} times larger here: the points scatter more than they say.")
    found = result.transition
    say(f"Transition: {found.verdict}: {found.reason}.", "bold")
    if result.smallest_visible_change is not None and found.temperature is None:
        say(f"A change of the activation energy by {result.smallest_visible_change:.1g} eV would be seen.")
    console.print(_results(numbers))


def _results(numbers: dict[str, Measured]) -> Table:
    """Numbers that have a value, with their errors and intervals."""
    table = Table(box=SIMPLE_HEAD, show_header=False, padding=(0, 2, 0, 0))
    for name, number in numbers.items():
        if number.value is None:
            continue
        interval = ""
        if number.interval is not None:
            low, high = (plain_text(end) for end in number.interval)
            interval = f"95 % interval {low} to {high}"
        value = measured_text(replace(number, interval=None))
        table.add_row(name.replace("_", " "), f"{value} {unit_text(number.unit)}", interval)
    return table


def _models(result: Arrhenius) -> Table:
    """The comparison of the models."""
    comparison = result.transition.comparison
    assert comparison is not None
    table = Table(box=SIMPLE_HEAD, padding=(0, 2, 0, 0))
    for name in ("model", "chi²", "parameters", "effective", "AICc", "Δ", "weight", "textbook AICc"):
        table.add_column(name, justify="left" if name == "model" else "right")
    known = [model.aicc for model in comparison.models.values() if model.aicc is not None]
    for model in comparison.models.values():
        cells = [_MODELS[model.name], f"{model.chi_squared:.2f}", str(model.n_parameters)]
        cells.append(f"{model.effective_parameters:.1f}")
        if model.aicc is None:
            table.add_row(*cells, "out of reach")
            continue
        weight = "" if model.name == "curve" else f"{model.weight:.0%}"
        textbook = "" if model.textbook_aicc is None else f"{model.textbook_aicc:.1f}"
        table.add_row(*cells, f"{model.aicc:.1f}", f"{model.aicc - min(known):.1f}", weight, textbook)
    return table
