"""Tables as the tests of a potential leave them, of a model whose errors are drawn at random."""

import numpy as np
import pandas as pd

MATERIALS = ["Li3YCl6 P-3m1", "Li3YCl6 Pnma", "Li3YBr1.5Cl4.5 P-3m1"]
_ORIGINS = [
    *(("fixed cell", temperature) for temperature in (300.0, 500.0, 700.0, 1000.0)),
    *(("free cell", temperature) for temperature in (300.0, 500.0)),
    *(("fixed cell relaxed", 0.0), ("free cell relaxed", 0.0), ("band", 0.0)),
]


def _sides(random, unit, teacher, error):
    return {
        f"student_{unit}": teacher + random.normal(scale=error, size=len(teacher)),
        f"teacher_{unit}": teacher,
    }


def _frames(random, unit, each, scale, error, of=None, zero=0.0):
    parts = []
    for number, name in enumerate(MATERIALS):
        for origin, temperature in _ORIGINS:
            teacher = (
                zero - 0.3 * number + random.normal(scale=scale * (100 + temperature) / 500, size=each)
            )
            columns = {"material": name, "origin": origin, "temperature_K": temperature}
            columns |= {"of": of} if of else {"n_atoms": 60}
            parts.append(pd.DataFrame({**columns, **_sides(random, unit, teacher, error)}))
    return pd.concat(parts, ignore_index=True)


def fabricated_tables(seed=1):
    random = np.random.default_rng(seed)
    errors = [
        {
            "material": name,
            "origin": origin,
            "temperature_K": temperature,
            "frames": 12,
            "energy_bias_meV_per_atom": random.normal(scale=0.5),
            "energy_rmse_meV_per_atom": 0.5 + temperature / 1000 + 0.1 * number,
            "force_rmse_meV_per_A": 10 + temperature / 30 + 4 * number,
        }
        for number, name in enumerate(MATERIALS)
        for origin, temperature in _ORIGINS
    ]
    lattice = [
        {"material": name, "quantity": quantity, "unit": "Å", "student": 11.2 * (1 + gap), "teacher": 11.2}
        for name in MATERIALS
        for quantity, gap in zip("abc", random.normal(scale=0.003, size=3), strict=True)
    ]
    volumes = np.linspace(0.92, 1.08, 9)
    curves = [
        pd.DataFrame(
            {
                "material": name,
                "volume_A3_per_atom": 22 * volumes,
                "relative_volume": volumes,
                "student_eV_per_atom": -4.18 + 2.1 * (volumes - 1.002) ** 2,
                "teacher_eV_per_atom": -4.2 + 2 * (volumes - 1) ** 2,
            }
        )
        for name in MATERIALS
    ]
    path = np.linspace(0, 4.2, 7)
    hops, profiles = [], []
    for hop in range(10):
        height, gap = random.uniform(0.15, 0.6), random.normal(scale=0.02)
        name = MATERIALS[hop % 3]
        energy = height * np.sin(np.pi * path / 4.2) ** 2 + 0.05 * path / 4.2
        profiles.append(
            pd.DataFrame(
                {
                    "hop": hop + 1,
                    "material": name,
                    "path_A": path,
                    "student_eV": energy * (1 + gap),
                    "teacher_eV": energy,
                }
            )
        )
        ways = {
            f"{side}_{way}_eV": factor * height - (way == "backward") * 0.05
            for side, factor in (("student", 1 + gap), ("teacher", 1.0))
            for way in ("forward", "backward")
        }
        hops.append({"hop": hop + 1, "material": name, "length_A": 4.2, **ways, "converged": hop != 3})
    time = np.linspace(0, 40, 100)
    drifts = [
        pd.DataFrame(
            {
                "time_ps": time,
                "energy_meV_per_atom": random.normal(scale=temperature / 3e4, size=100),
                "material": name,
                "temperature_K": temperature,
            }
        )
        for name in MATERIALS
        for temperature in (300.0, 900.0)
    ]
    stays = [
        pd.DataFrame(
            {
                "material": name,
                "time_ps": 5 * time,
                "displacement_A": 0.55 + 0.02 * random.normal(size=100) - 0.5 * np.exp(-time),
            }
        )
        for name in MATERIALS
    ]
    return {
        "energies": _frames(random, "eV_per_atom", 12, 0.01, 0.001, zero=-4.2),
        "forces": _frames(random, "eV_per_A", 400, 0.8, 0.03, of="Cl"),
        "stresses": _frames(random, "GPa", 12, 0.3, 0.02, of="xx"),
        "ion_energies": _frames(random, "eV", 200, 0.15, 0.015, of="Li", zero=-3.0),
        "errors_by_temperature": pd.DataFrame(errors),
        "lattice": pd.DataFrame(lattice),
        "expansion": pd.DataFrame(
            {
                "material": name,
                "temperature_K": temperature,
                "growth_of_volume_percent": temperature / 150,
                "error_of_growth_percent": 0.2,
            }
            for name in MATERIALS
            for temperature in (300.0, 500.0, 700.0)
        ),
        "volumes": pd.concat(curves),
        "orderings": pd.DataFrame(
            {
                "material": name,
                "ordering": number,
                "student_meV_per_atom": 3 * np.sin(number + 1) + random.normal(scale=0.5),
                "teacher_meV_per_atom": 3 * np.sin(number + 1),
            }
            for name in MATERIALS
            for number in range(8)
        ),
        "hops": pd.DataFrame(hops),
        "profiles": pd.concat(profiles),
        "drift": pd.DataFrame(
            {
                "material": name,
                "temperature_K": 300.0,
                "drift_meV_per_atom_ns": 0.4,
                "error_meV_per_atom_ns": 0.2,
            }
            for name in MATERIALS
        ),
        "drift_energies": pd.concat(drifts),
        "stays": pd.DataFrame({"material": MATERIALS, "completed": True}),
        "stay_displacements": pd.concat(stays),
    }
