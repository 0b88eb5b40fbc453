"""Constants of nature and conversions; inside, everything is in LAMMPS ``metal`` units.

Source: CODATA 2018 (exact since the 2019 revision of the SI).
"""

BOLTZMANN = 8.617333262e-5
"""k in eV/K."""

ELEMENTARY_CHARGE = 1.602176634e-19
"""e in C."""

A2_PER_PS_TO_CM2_PER_S = 1e-4
"""1 Å²/ps in cm²/s."""

CONDUCTIVITY_TO_MS_PER_CM = ELEMENTARY_CHARGE * 1e23
"""1 e²/(eV Å ps) in mS/cm: e · 1e22 S/m, and 1 S/m is 10 mS/cm."""

EV_PER_A3_TO_GPA = 160.2176634
"""1 eV/Å³ in GPa."""

BAR_PER_GPA = 1e4

BOHR = 0.529177210903
"""a_0 in Å."""
