"""What ``--help`` teaches beyond options: examples, exit codes, environment variables."""

from collections.abc import Mapping

EXIT_CODES = {
    0: "done, or nothing to do",
    1: "something to mend: the error says what (a traceback is a bug)",
    2: "the command line was not understood",
    65: "hopeless: it would fail again in the same way (the crystal fell apart)",
    75: "more to do: ended at its time limit, the same command goes on",
    130: "interrupted by Ctrl-C; what was finished is kept",
}

VARIABLES = {
    "ATOMSTATES_RESULTS": "results folder, as --results",
    "ATOMSTATES_LAMMPS": "program that runs LAMMPS here",
    "ATOMSTATES_TIMEOUT": "H:MM:SS after which md ends cleanly with exit code 75",
    "ATOMSTATES_VERBOSE": "1 shows everything, as --verbose",
    "OMP_NUM_THREADS": "threads of each process; 1 unless you set it",
}

FIRST_STEPS = {
    "atomstates run tutorial": "Li3YCl6 from order to disorder, in minutes",
    "atomstates init mine.cif --model model.pb": "a campaign for your own crystal and model",
    "atomstates check mine-campaign.yaml": "what is wrong with it, and what it would cost",
    "atomstates run mine-campaign.yaml": "all of it, from crystal to report",
    "atomstates transport --trajectory XDATCAR": "a trajectory of another program",
    "atomstates --install-completion": "TAB completes verbs, options, stages, runs",
}


def shown_examples(examples: Mapping[str, str]) -> str:
    """Examples as an epilogue: what for, then the command."""
    return "\n".join(("[bold]Examples[/]", *_commands(examples)))


def main_epilogue() -> str:
    """First steps, exit codes and environment variables."""
    codes = {str(code): meaning for code, meaning in EXIT_CODES.items()}
    return "\n".join(
        (
            "[bold]First steps[/]",
            *_commands(FIRST_STEPS),
            "",
            "[bold]Exit codes[/]",
            *_columns(codes),
            "",
            "[bold]Environment variables[/]",
            *_columns(VARIABLES),
        )
    )


def _commands(examples: Mapping[str, str]) -> list[str]:
    return [
        line
        for command, what in examples.items()
        for line in (f"  [dim]# {what}[/]", f"  [cyan]{command}[/]")
    ]


def _columns(lines: Mapping[str, str]) -> list[str]:
    width = max(len(left) for left in lines)
    return [f"  [cyan]{left.ljust(width)}[/]  {right}" for left, right in lines.items()]
