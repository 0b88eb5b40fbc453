"""What the command line says, and where: lines on standard output, logs and errors on standard error."""

import logging
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from atomstates.cli.options import is_verbose

MOST_NUMBERS = 5
"""Numbers shown in the one line of a finished stage; all of them stand in its ``done.json``."""


def show_error(error: Exception) -> None:
    """Show an error that the user can mend, without a traceback."""
    console = Console(stderr=True, soft_wrap=True)
    console.print(Text.assemble(("error: ", "bold red"), str(error)), highlight=False)


def configure_logging(rank: int = 0) -> None:
    """Log lines of this package to standard error; only the first rank speaks."""
    level = logging.DEBUG if is_verbose() else logging.INFO
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s" if is_verbose() else "%(message)s"))
    logger = logging.getLogger("atomstates")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(level if rank == 0 else logging.ERROR)


def summary_line(marker: dict[str, Any]) -> str:
    """One line of what a stage found: its own words, or its numbers with units."""
    line = marker.get("facts", {}).get("line")
    if line:
        return str(line)
    numbers = list(marker.get("numbers", {}).items())
    shown = ", ".join(
        number_words(name.replace("_", " "), number) for name, number in numbers[:MOST_NUMBERS]
    )
    more = f", and {len(numbers) - MOST_NUMBERS} more numbers" if len(numbers) > MOST_NUMBERS else ""
    return f"{shown}{more}" or "done"


def number_words(name: str, number: dict[str, Any]) -> str:
    """A number with its error and unit."""
    value, error = number.get("value"), number.get("error")
    if value is None:
        return f"{name} unknown"
    spread = "" if error is None else f" ± {error:.2g}"
    unit = number.get("unit", "")
    return f"{name} {value:.4g}{spread} {'' if unit == '1' else unit}".strip()


def problems(marker: dict[str, Any]) -> list[str]:
    """The checks of a stage that did not pass, in words."""
    return [
        f"{check['status']} {check['name']}: {check['message']}"
        for check in marker.get("checks", ())
        if check["status"] != "PASS"
    ]
