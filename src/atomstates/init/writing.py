"""The two YAML files that ``init`` writes: commented, with every guess marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from atomstates.campaign.schema import Potential

MARK = "GUESS"
"""Stands in the comment of every value that nobody has given or confirmed."""


ATOM_STYLE = "by the name of the pair style"


@dataclass(frozen=True)
class Said:
    """A value; of a guess also what it rests on, of what was given or confirmed nothing."""

    value: Any
    guessed: str = ""

    @property
    def remark(self) -> str:
        """The mark of a guess, for a comment."""
        return f"{MARK}: {self.guessed}" if self.guessed else ""


@dataclass(frozen=True)
class Answers:
    """Everything that the two files say."""

    name: str
    title: str
    cif: str
    formula: str
    mobile: Said
    anions: Said
    charges: Said
    ordering: Said
    supercell: Said
    hop_length: Said
    temperatures: Said
    timestep: Said
    partial: Sequence[str]
    n_atoms: int
    potential: Potential
    atom_style_guessed: bool

    @property
    def guesses(self) -> dict[str, Said]:
        """What nobody has given or confirmed, by key."""
        said = {
            "mobile": self.mobile,
            "anions": self.anions,
            "charges": self.charges,
            "ordering.cell": self.ordering,
            "supercell": self.supercell,
            "hop_length_A": self.hop_length,
            "temperatures_K": self.temperatures,
            "md.timestep_fs": self.timestep,
        }
        if self.atom_style_guessed and self.potential.lammps is not None:
            said["potential.lammps.atom_style"] = Said(self.potential.lammps.atom_style, ATOM_STYLE)
        return {key: value for key, value in said.items() if value.guessed}


def material_text(answers: Answers, schema: str | None) -> str:
    """The material's YAML file; ``schema`` is the file of the JSON schema beside it."""
    blocks = [
        [
            *_first_lines(schema),
            f"# {answers.formula}. Every key: `atomstates schema material`.",
            *_about_guesses(),
        ],
        [
            _line("name", answers.name, "stands in the names of its runs"),
            _line("title", answers.title),
            _line("crystal", {"cif": answers.cif}, "relative to this file"),
            _line("mobile", answers.mobile.value, answers.mobile.remark),
            _line(
                "anions",
                list(answers.anions.value),
                answers.anions.remark or "their polyhedra are the sites",
            ),
            _line("charges", answers.charges.value, answers.charges.remark or "e"),
        ],
        _ordering_lines(answers),
        [
            _line(
                "supercell",
                list(answers.supercell.value),
                _joined(answers.supercell.remark, f"{answers.n_atoms} atoms"),
            ),
            _line(
                "hop_length_A",
                answers.hop_length.value,
                answers.hop_length.remark or "between neighbouring sites",
            ),
        ],
        [
            "# Columns of sites along c that are filled in turn, if there are any (an order parameter):",
            "# channels: {a: [[0.3333, 0]], b: [[0.6667, 0]]}",
        ],
        _potential_lines(answers),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def campaign_text(answers: Answers, material_file: str, campaign_name: str, schema: str | None) -> str:
    """The campaign's YAML file."""
    temperatures = answers.temperatures
    blocks = [
        [
            *_first_lines(schema),
            f"# {answers.formula}. Every key: `atomstates schema campaign`.",
            *_about_guesses(),
        ],
        [
            _line("name", campaign_name, f"results go to results/{campaign_name}"),
            _line("title", answers.title),
            _line("seed", 1, "all random numbers derive from it"),
        ],
        [
            _line("materials", [material_file], "relative to this file"),
            _line(
                "temperatures_K",
                list(temperatures.value),
                temperatures.remark or "three give an activation energy, seven a transition temperature",
            ),
            _line("replicas", 1, "runs at each temperature"),
        ],
        [
            "md:",
            _line("  timestep_fs", answers.timestep.value, answers.timestep.remark),
            "  cell: relaxed            # by the potential; or given (the CIF's), or mean-npt",
            "  equilibrate_ps: 5        # before anything is recorded",
            "  produce_ps: 100          # make it longer later: done runs go on from where they ended",
            "  frame_every_ps: 0.1      # positions for displacements",
            "  snapshot_every_ps: 2     # frames that are relaxed; 0.1 to 0.5 for rates between states",
            "  restart_every_ps: 5      # a killed run loses at most this much",
        ],
        ["minimize:", "  force_tolerance_eV_per_A: 0.005"],
        ["doas:", "  bin_width_eV: 0.02       # a new one repeats doas and report only"],
        ["transport:", "  extrapolate_K: 300       # where the conductivity is wanted"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _first_lines(schema: str | None) -> list[str]:
    return [f"# yaml-language-server: $schema={schema}"] if schema else []


def _about_guesses() -> list[str]:
    return [f"# What is marked {MARK} nobody has confirmed: look at it, then remove the mark."]


def _ordering_lines(answers: Answers) -> list[str]:
    """The cell of the orderings, with the partial occupancies explained."""
    if not answers.partial:
        return [
            "# All sites are fully occupied: there is one ordering.",
            _line("ordering", {"cell": [1, 1, 1]}),
        ]
    return [
        "# Partially occupied sites of the unit cell. The runs need whole atoms, so the orderings of the",
        "# cell below are listed, and the potential takes the one of lowest energy:",
        *(f"#   {line}" for line in answers.partial),
        _line(
            "ordering", {"cell": list(answers.ordering.value), "candidates": 24}, answers.ordering.remark
        ),
    ]


def _potential_lines(answers: Answers) -> list[str]:
    content = answers.potential.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    text = yaml.safe_dump({"potential": content}, sort_keys=False, allow_unicode=True, width=100)
    lines = [line for line in text.rstrip().splitlines() if "atom_style:" not in line]
    if answers.potential.lammps is None:
        return lines
    remark = f"{MARK}: {ATOM_STYLE}" if answers.atom_style_guessed else ""
    return [*lines, _line("    atom_style", answers.potential.lammps.atom_style, remark)]


def _line(key: str, value: Any, remark: str = "") -> str:
    """One key with its value in one line, and a remark."""
    line = f"{key}: {value_text(value)}"
    return f"{line.ljust(26)} # {remark}" if remark else line


def value_text(value: Any) -> str:
    """A value as YAML in one line; whole numbers without a point."""
    text = yaml.safe_dump(
        _plain(value), default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return text.removesuffix("...\n").strip()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _joined(*remarks: str) -> str:
    return "; ".join(filter(None, remarks))
