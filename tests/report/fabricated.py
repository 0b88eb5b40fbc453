"""A results folder with fabricated products: two Gaussian levels that broaden, and a random walk.

The ions sit in two octahedral levels 0.1 eV apart and, the hotter the more, in a tetrahedral one.
They hop with an activation energy of 0.25 eV, so MSD = 6 D t + c and sigma T follows from
Nernst and Einstein. Everything is a formula: no random numbers.
"""

from pathlib import Path

import numpy as np
import yaml
from fabricated_environments import write_environments
from fabricated_transitions import write_transitions

from atomstates.campaign import Results, RunFolder
from atomstates.campaign.layout import lay_out
from atomstates.products import Check, Measured, Summary, mark_done, write_csv, write_json

ACTIVATION_ENERGY = 0.25
KT = 8.617333e-5
TEMPERATURES = (300, 400, 500, 600, 700)
REFUSED_BELOW = 450

MATERIAL = {
    "name": "li3ycl6-p3m1",
    "title": "Li₃YCl₆, P-3m1",
    "source": "Asano et al., Adv. Mater. 2018, 30, 1803075",
    "crystal": {
        "space_group": 164,
        "lattice_A": [11.2, 11.2, 6.1],
        "angles_deg": [90, 90, 120],
        "sites": [{"label": "Y1", "element": "Y", "position": [0, 0, 0]}],
    },
    "mobile": "Li",
    "anions": ["Cl"],
    "charges": {"Li": 1, "Y": 3, "Cl": -1},
    "potential": {"lammps": {"pair_style": "zero 5.0", "pair_coeff": ["* *"]}},
}


def fabricated_results(folder: Path, n_materials: int = 1, temperatures=TEMPERATURES) -> Results:
    """A campaign all of whose stages are done."""
    names = []
    for index in range(n_materials):
        name = "li3ycl6-p3m1" + ("" if index == 0 else f"-{index + 1}")
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({**MATERIAL, "name": name}), encoding="utf-8")
        names.append(f"{name}.yaml")
    campaign = {
        "name": "fabricated",
        "title": "Fabricated: <two> levels & a walk",
        "materials": names,
        "temperatures_K": list(temperatures),
    }
    (folder / "campaign.yaml").write_text(yaml.safe_dump(campaign), encoding="utf-8")
    results = lay_out(folder / "campaign.yaml", folder / "results")
    for material in results.materials:
        for run in material.runs:
            write_dynamics(run)
            write_relaxation(run)
            write_diffusion(run)
        for stage in ("structures", "potentials"):
            mark_done(material.stage_path(stage), stage, material.fingerprint(stage), Summary())
        write_density(material)
        write_arrhenius(material)
    return results


def tetrahedral_share(temperature):
    return 1.1 * np.exp(-0.10 / (KT * temperature))


def order(temperature):
    return 0.06 + 0.9 / (1 + np.exp((temperature - 460) / 20))


def write_dynamics(run: RunFolder) -> None:
    time = np.arange(0, 60, 0.1)
    wave = np.sin(time * 7.1) + 0.6 * np.sin(time * 17.3 + run.temperature) + 0.4 * np.cos(time * 41.7)
    temperature = run.temperature * (1 + 0.03 * wave)
    energy = -930 + 0.031 * run.temperature + 0.9 * wave
    folder = run.stage_path("md")
    write_csv(
        folder / "thermo.csv",
        ["time_ps", "temperature_K", "potential_energy_eV", "pressure_bar"],
        zip(time, temperature, energy, 100 * wave, strict=True),
    )
    mark_done(
        folder,
        "md",
        run.fingerprint("md"),
        Summary(
            numbers={"mean_temperature": Measured(float(temperature.mean()), 0.8, "K", len(time))},
            checks=(Check("temperature", "PASS", f"mean {temperature.mean():.1f} K"),),
            facts={"seed": run.seed},
        ),
    )


def write_relaxation(run: RunFolder) -> None:
    status = "WARN" if run.temperature == 700 else "PASS"
    for stage in ("minimize", "doas"):
        check = Check("converged", status, "49 of 50 snapshots converged; 1 not_converged")
        mark_done(run.stage_path(stage), stage, run.fingerprint(stage), Summary(checks=(check,)))


def write_diffusion(run: RunFolder) -> None:
    diffusivity = 12 * np.exp(-ACTIVATION_ENERGY / (KT * run.temperature))
    lag = np.unique(np.geomspace(0.1, 30, 80).round(2))
    msd = 6 * diffusivity * lag + 0.9 * (1 - np.exp(-lag / 0.4))
    refusal = None
    measured = Measured(diffusivity * 1e-4, 0.06 * diffusivity * 1e-4, "cm²/s", 4000)
    sigma = Measured(*sigma_at(run.temperature), "mS/cm", 4000)
    if run.temperature < REFUSED_BELOW:
        refusal = f"Li moved {msd.max():.1f} Å² in 60 ps; 4.5 Å² are needed: run longer or hotter"
        measured = Measured(None, None, "cm²/s", 4000, refusal)
        sigma = Measured(None, None, "mS/cm", 4000, refusal)
    folder = run.stage_path("transport")
    write_csv(
        folder / "msd.csv",
        ["lag_ps", "msd_A2", "msd_error_A2", "xx_A2", "yy_A2", "zz_A2", "mscd_A2"],
        zip(lag, msd, 0.02 * msd * np.sqrt(lag), msd / 3, msd / 3, msd / 3, msd, strict=True),
    )
    write_json(
        folder / "diffusion.json",
        {
            "run": run.id,
            "temperature_K": run.temperature,
            "n_ions": 72,
            "volume_A3": 5353.6,
            "produce_ps": 60.0,
            "diffusivity": measured,
            "conductivity": sigma,
            "refusal": refusal,
            "relative_error_he_2018": None,
            "lags": None if refusal else {"first_ps": 3.0, "last_ps": 30.0, "n": 40},
            "largest_msd": float(msd.max()),
        },
    )
    mark_done(folder, "transport", run.fingerprint("transport"), Summary({"diffusivity": measured}))


def sigma_at(temperature):
    """Conductivity (mS/cm) and its error."""
    sigma = np.exp(15.0 - ACTIVATION_ENERGY / (KT * temperature)) / temperature
    return float(sigma), float(0.06 * sigma)


def write_density(material) -> None:
    energy = np.arange(0.01, 1.2, 0.02)
    header = ["temperature_K", "energy_eV", "total_per_eV", "total_error_per_eV"]
    kinds = ("octahedral", "tetrahedral", "other", "octahedral_1_edge_sharing", "octahedral_2_edge_sharing")
    for kind in kinds:
        header += [f"{kind}_per_eV", f"{kind}_error_per_eV"]
    rows, entries, by_temperature = [], [], {}
    for temperature in sorted(material.campaign.temperatures_K):
        parts, shares = partial_densities(energy, temperature)
        total = parts["octahedral"] + parts["tetrahedral"] + parts["other"]
        for index, value in enumerate(energy):
            row = [temperature, value, total[index], 0.06 * np.sqrt(total[index])]
            for kind in kinds:
                row += [parts[kind][index], 0.08 * np.sqrt(parts[kind][index])]
            rows.append(row)
        entries.append(disorder(temperature, shares, energy, total))
        by_temperature[temperature] = list(shares.values())
    folder = material.stage_path("doas")
    write_csv(folder / "density.csv", header, rows)
    write_json(
        folder / "doas.json",
        {
            "material": material.name,
            "reference_energy_eV": -4.1,
            "bin_width_eV": 0.02,
            "temperatures": entries,
        },
    )
    write_transitions(folder, material.name, by_temperature)
    write_environments(folder, material.name, entries[-1]["environments"])
    mark_done(folder, "doas", material.fingerprint("doas"), Summary(facts={"n_states": 18000}))


def partial_densities(energy, temperature):
    """Gaussians of two octahedral levels, a tetrahedral one and a little of neither."""
    width = 0.03 + 0.00016 * (temperature - 300)
    tetrahedral, other = tetrahedral_share(temperature), 0.02 * temperature / 700
    shares = {
        "octahedral_1_edge_sharing": 0.55 * (1 - tetrahedral - other),
        "octahedral_2_edge_sharing": 0.45 * (1 - tetrahedral - other),
        "tetrahedral": tetrahedral,
        "other": other,
    }
    centres = {
        "octahedral_1_edge_sharing": 0.16,
        "octahedral_2_edge_sharing": 0.31,
        "tetrahedral": 0.52,
        "other": 0.7,
    }

    def level(kind):
        bell = np.exp(-0.5 * ((energy - centres[kind]) / width) ** 2)
        return shares[kind] * bell / (bell.sum() * 0.02)

    parts = {kind: level(kind) for kind in shares}
    parts["octahedral"] = parts["octahedral_1_edge_sharing"] + parts["octahedral_2_edge_sharing"]
    return parts, shares


def disorder(temperature, shares, energy, total):
    """One entry of doas.json."""
    mean = float((energy * total).sum() * 0.02)
    width = float(np.sqrt(((energy - mean) ** 2 * total).sum() * 0.02))
    entropy = float(-(total[total > 0] * np.log(total[total > 0])).sum() * 0.02)
    n_states = 3600

    def measured(value, error, unit, note=""):
        return Measured(value if value is None else float(value), error, unit, n_states, note)

    few = shares["tetrahedral"] < 0.006
    return {
        "temperature_K": temperature,
        "n_states": n_states,
        "n_snapshots": 50,
        "n_runs": 1,
        "mean": measured(mean, 0.003, "eV"),
        "width": measured(width, 0.002, "eV"),
        "entropy": measured(entropy, 0.02, "1"),
        "effective_levels": measured(np.exp(entropy) / 0.02, 0.4, "1"),
        "octahedral_fraction": measured(
            shares["octahedral_1_edge_sharing"] + shares["octahedral_2_edge_sharing"], 0.01, "1"
        ),
        "tetrahedral_fraction": measured(shares["tetrahedral"], 0.006, "1"),
        "other_fraction": measured(shares["other"], 0.002, "1"),
        "gap": measured(None if few else 0.29, None if few else 0.01, "eV", "too few ions" if few else ""),
        "overlap": measured(
            None if few else width, None if few else 0.01, "1", "too few ions" if few else ""
        ),
        "order_parameter": measured(order(temperature), 0.02, "1"),
        "sublattice_energy": measured(mean, 0.004, "eV", "per mobile ion"),
        "cell_energy": measured(-3.87 + 0.3 * mean, 0.002, "eV", "per atom"),
        "environments": [
            {
                "site": kind.split("_")[0],
                "edge_sharing": int(kind[11]) if kind.startswith("oct") else 0,
                "face_sharing": 0,
                "fraction": measured(share, 0.01, "1"),
                "mean": measured(0.2, 0.01, "eV"),
                "width": measured(0.05, 0.01, "eV"),
            }
            for kind, share in shares.items()
        ],
    }


def write_arrhenius(material) -> None:
    temperatures = sorted(material.campaign.temperatures_K)
    points = []
    for temperature in temperatures:
        sigma, error = sigma_at(temperature)
        refused = temperature < REFUSED_BELOW
        note = "the ions moved too little" if refused else ""
        points.append(
            {
                "temperature_K": temperature,
                "sigma_T": Measured(
                    None if refused else sigma * temperature,
                    None if refused else error * temperature,
                    "mS K/cm",
                    4000,
                    note,
                ),
                "refusal": note or None,
                "upper_bound_conductivity_mS_per_cm": 1.2 * sigma if refused else None,
                "conductivity": Measured(
                    None if refused else sigma, None if refused else error, "mS/cm", 4000, note
                ),
            }
        )
    slope, error = -ACTIVATION_ENERGY / KT, 0.02 / KT
    folder = material.stage_path("transport")
    activation_energy = Measured(ACTIVATION_ENERGY, 0.02, "eV", 3)
    room = Measured(sigma_at(300)[0], 0.5, "mS/cm", 3, "", (0.2, 2.6))
    write_csv(
        folder / "arrhenius.csv",
        ["temperature_K", "sigma_mS_per_cm"],
        [[p["temperature_K"], 1] for p in points],
    )
    write_json(
        folder / "arrhenius.json",
        {
            "material": material.name,
            "points": points,
            "activation_energy": activation_energy,
            "conductivity_at": {"temperature_K": 300.0, **room.__dict__},
            "line": {
                "intercept": 15.0,
                "slope_K": slope,
                "covariance": [
                    [(error / 600) ** 2 * 1.02, -(error**2) / 600],
                    [-(error**2) / 600, error**2],
                ],
            },
            "fit": {"n_points": 3},
            "refusal": None,
        },
    )
    mark_done(
        folder,
        "transport",
        material.fingerprint("transport"),
        Summary(
            {"activation_energy": activation_energy}, (Check("points", "PASS", "3 of 5 temperatures"),)
        ),
    )
