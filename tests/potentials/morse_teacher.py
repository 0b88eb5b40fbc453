"""A teacher that knows no atomic energies, as most of the quantum-chemical programs."""

from ase.calculators.morse import MorsePotential


class Teacher(MorsePotential):
    implemented_properties = ["energy", "free_energy", "forces", "stress"]  # noqa: RUF012


class Diverging(Teacher):
    """Converges nowhere."""

    def calculate(self, *arguments, **keywords):
        super().calculate(*arguments, **keywords)
        self.results["energy"] = self.results["free_energy"] = float("nan")
