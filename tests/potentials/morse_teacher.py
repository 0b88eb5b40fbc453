"""A teacher that knows no atomic energies, as most of the quantum-chemical programs."""

import os
from pathlib import Path

from ase.calculators.morse import MorsePotential


class Teacher(MorsePotential):
    implemented_properties = ["energy", "free_energy", "forces", "stress"]  # noqa: RUF012


class Diverging(Teacher):
    """Converges nowhere."""

    def calculate(self, *arguments, **keywords):
        super().calculate(*arguments, **keywords)
        self.results["energy"] = self.results["free_energy"] = float("nan")


class Writing(Teacher):
    """Keeps its files where it runs, like most programs."""

    def calculate(self, *arguments, **keywords):
        file = Path("WAVECAR")
        if not file.exists():
            file.write_text(f"{os.getpid()}")
        if file.read_text() != f"{os.getpid()}":
            raise RuntimeError("two calculations in one folder")
        super().calculate(*arguments, **keywords)
