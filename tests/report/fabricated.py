"""A results folder with fabricated products: two Gaussian levels that broaden, and a random walk.

The ions sit in two octahedral levels 0.1 eV apart and, the hotter the more, in a tetrahedral one.
They hop with an activation energy of 0.25 eV, and of COLD_ENERGY below Tc where one is planted, so
MSD = 6 D t + c and sigma T follows from Nernst and Einstein. Everything is a formula: no random numbers.
"""

from pathlib import Path

import numpy as np
import yaml
from fabricated_barriers import write_material_barriers, write_run_barriers
from fabricated_environments import write_environments
from fabricated_order import onsets_of, write_order
from fabricated_sublattice import write_sublattice
from fabricated_transitions import write_transitions

from atomstates.campaign import Results, RunFolder
from atomstates.campaign.layout import lay_out
from atomstates.doas.smoothing import smoothed
from atomstates.doas.transition import transition_temperatures
from atomstates.errors import TooLittleDiffusion
from atomstates.products import Check, Measured, Summary, mark_done, write_csv, write_json
from atomstates.transport import arrhenius
from atomstates.transport.maps.products import (
    PROJECTION_COLUMNS,
    RunVisits,
    cube_name,
    map_content,
    projection_rows,
    temperature_map,
    write_cube,
    write_visits,
)
from atomstates.transport.outcome import (
    ARRHENIUS_COLUMNS,
    PROFILE_COLUMNS,
    arrhenius_content,
    arrhenius_rows,
    profile_rows,
)
from atomstates.transport.points import TemperaturePoint

ACTIVATION_ENERGY = 0.25
KT = 8.617333e-5
TEMPERATURES = (300, 400, 500, 600, 700)
REFUSED_BELOW = 450
COLD_ENERGY = 0.45
FRAMES = ("thermal", "relaxed")

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


def fabricated_results(
    folder: Path,
    n_materials: int = 1,
    temperatures=TEMPERATURES,
    supercells=((2, 2, 2),),
    refused_below=REFUSED_BELOW,
    tc=None,
) -> Results:
    """A campaign all of whose stages are done; with several supercells one for each material.

    ``tc`` (K) plants a transition.
    """
    names = []
    for index in range(n_materials):
        name = "li3ycl6-p3m1" + ("" if index == 0 else f"-{index + 1}")
        supercell = list(supercells[min(index, len(supercells) - 1)])
        settings = {**MATERIAL, "name": name, "supercell": supercell}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
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
            write_diffusion(run, refused_below, tc)
            write_run_barriers(run)
        for stage in ("structures", "potentials"):
            mark_done(material.stage_path(stage), stage, material.fingerprint(stage), Summary())
        write_radial(material)
        write_density(material, tc)
        write_arrhenius(material, refused_below, tc)
        write_maps(material)
        write_material_barriers(material)
    return results


def tetrahedral_share(temperature):
    return 1.1 * np.exp(-0.10 / (KT * temperature))


def order(temperature, tc=None):
    return 0.06 + 0.9 / (1 + np.exp((temperature - (tc or 460)) / 20))


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


def write_diffusion(run: RunFolder, refused_below, tc) -> None:
    diffusivity = 12 * np.exp(-ACTIVATION_ENERGY / (KT * run.temperature) - slowed(run.temperature, tc))
    lag = np.unique(np.geomspace(0.1, 30, 80).round(2))
    msd = 6 * diffusivity * lag + 0.9 * (1 - np.exp(-lag / 0.4))
    refusal = None
    measured = Measured(diffusivity * 1e-4, 0.06 * diffusivity * 1e-4, "cm²/s", 4000)
    sigma = Measured(*sigma_at(run.temperature, tc), "mS/cm", 4000)
    if run.temperature < refused_below:
        refusal = f"Li moved {msd.max():.1f} Å² in 60 ps; 4.5 Å² are needed: run longer or hotter"
        measured = Measured(None, None, "cm²/s", 4000, refusal)
        sigma = Measured(None, None, "mS/cm", 4000, refusal)
    folder = run.stage_path("transport")
    write_csv(
        folder / "msd.csv",
        ["lag_ps", "msd_A2", "msd_error_A2", "xx_A2", "yy_A2", "zz_A2", "mscd_A2"],
        zip(lag, msd, 0.02 * msd * np.sqrt(lag), msd / 3, msd / 3, msd / 3, msd, strict=True),
    )
    write_van_hove(folder, diffusivity)
    write_json(
        folder / "diffusion.json",
        {
            "run": run.id,
            "temperature_K": run.temperature,
            "n_ions": 9 * int(np.prod(run.material.supercell)),
            "volume_A3": 669.2 * float(np.prod(run.material.supercell)),
            "produce_ps": 60.0,
            "diffusivity": measured,
            "conductivity": sigma,
            "refusal": refusal,
            "relative_error_he_2018": None,
            "lags": None if refusal else {"first_ps": 3.0, "last_ps": 30.0, "n": 40},
            "largest_msd": float(msd.max()),
            "convergence": convergence(diffusivity, refusal),
        },
    )
    mark_done(folder, "transport", run.fingerprint("transport"), Summary({"diffusivity": measured}))


def convergence(diffusivity, refusal):
    """D of the first parts of a run: the error falls as one over the root of its length."""
    found = []
    for part in (0.125, 0.25, 0.5, 1.0):
        if refusal or part < 0.2:
            number = Measured(None, None, "cm²/s", 72, refusal or "too short")
        else:
            drift = 1 + 0.1 * np.cos(20 * part)
            number = Measured(
                1e-4 * drift * diffusivity,
                6e-6 * diffusivity / np.sqrt(part),
                "cm²/s",
                72,
                "the first part",
            )
        found.append({"produce_ps": 60.0 * part, "diffusivity": number})
    return found


def write_van_hove(folder, diffusivity):
    """A Gaussian walk in a cell of 12 Å, whose ions fill each other's places."""
    r = np.arange(0.05, 12, 0.1)
    rows = []
    for lag in (1.0, 5.0, 30.0):
        spread = 2 * diffusivity * lag + 0.1
        bell = 4 * np.pi * r**2 * (2 * np.pi * spread) ** -1.5 * np.exp(-(r**2) / (2 * spread))
        shell = 1 + 1.5 * np.exp(-((r - 3.7) ** 2) / 0.3)
        distinct = shell * (1 - np.exp(-((r / 2) ** 4))) + (1 - np.exp(-diffusivity * lag)) * np.exp(
            -(r**2)
        )
        for place, distance in enumerate(r):
            inside = distance < 6
            errors = (0.02 * bell[place], 0.03 if inside else "")
            rows.append(
                (lag, distance, bell[place], errors[0], distinct[place] if inside else "", errors[1])
            )
    header = ["lag_ps", "r_A", "self_per_A", "self_error_per_A", "distinct", "distinct_error"]
    write_csv(folder / "van_hove.csv", header, rows)


def write_radial(material):
    """Shells that broaden with the square root of the temperature, and at once beyond 460 K."""
    r = np.arange(0.025, 6, 0.05)
    places = {"ion_ion": 3.7, "ion_anion": 2.6, "ion_cation": 3.8}
    header = ["temperature_K", "r_A"]
    header += [f"{pair}_{frames}{end}" for pair in places for frames in FRAMES for end in ("", "_error")]
    rows, entries = [], []
    for temperature in sorted(material.campaign.temperatures_K):
        columns, entry = [], {"temperature_K": temperature, "n_snapshots": 50, "n_blocks": 17}
        for frames in FRAMES:
            entry[frames] = {}
        for pair, place in places.items():
            for frames in FRAMES:
                disorder = 0.1 * (1 - order(temperature))
                width = disorder + (0.02 * np.sqrt(temperature / 3) if frames == "thermal" else 0.05)
                shell = 0.4 / width * np.exp(-0.5 * ((r - place) / width) ** 2)
                value = shell + 1 / (1 + np.exp((place + 1 - r) / 0.2))
                columns += [value, 0.05 * np.sqrt(value)]
                entry[frames][pair] = {
                    "width": Measured(width, 0.004, "Å", 50, "first shell"),
                    "height": Measured(float(value.max()), 0.1, "1", 50, "first shell"),
                }
        rows += [(temperature, *row) for row in zip(r, *columns, strict=True)]
        entries.append(entry)
    folder = material.stage_path("doas")
    write_csv(folder / "radial.csv", header, rows)
    write_json(
        folder / "radial.json",
        {
            "material": material.name,
            "first_shell_to_A": {pair: place + 1.0 for pair, place in places.items()},
            "temperatures": entries,
        },
    )


def slowed(temperature, tc):
    """By how much ln D is lower than the hot line has it."""
    return max(COLD_ENERGY - ACTIVATION_ENERGY, 0) / KT * max(1 / temperature - 1 / tc, 0) if tc else 0.0


def sigma_at(temperature, tc=None):
    """Conductivity (mS/cm) and its error."""
    sigma = np.exp(15.0 - ACTIVATION_ENERGY / (KT * temperature) - slowed(temperature, tc)) / temperature
    return float(sigma), float(0.06 * sigma)


def write_density(material, tc) -> None:
    energy = np.arange(0.01, 1.2, 0.02)
    header = ["temperature_K", "energy_eV", "total_per_eV", "total_error_per_eV"]
    kinds = ("octahedral", "tetrahedral", "other", "octahedral_1_edge_sharing", "octahedral_2_edge_sharing")
    for kind in kinds:
        header += [f"{kind}_per_eV", f"{kind}_error_per_eV"]
    header.append("total_smoothed_per_eV")
    rows, entries, by_temperature = [], [], {}
    for temperature in sorted(material.campaign.temperatures_K):
        parts, shares = partial_densities(energy, temperature)
        total = parts["octahedral"] + parts["tetrahedral"] + parts["other"]
        smooth = smoothed(total, 0.02, 0.01)
        for index, value in enumerate(energy):
            row = [temperature, value, total[index], 0.06 * np.sqrt(total[index])]
            for kind in kinds:
                row += [parts[kind][index], 0.08 * np.sqrt(parts[kind][index])]
            rows.append([*row, smooth[index]])
        entries.append(disorder(temperature, shares, energy, total, tc))
        by_temperature[temperature] = list(shares.values())
    folder = material.stage_path("doas")
    write_csv(folder / "density.csv", header, rows)
    write_json(
        folder / "doas.json",
        {
            "material": material.name,
            "reference_energy_eV": -4.1,
            "zero": "lowest",
            "bin_width_eV": 0.02,
            "smoothing_eV": 0.01,
            "temperatures": entries,
            "transition_temperatures": transition_temperatures(
                [entry["temperature_K"] for entry in entries], entries, seed=1
            ),
            "onsets": onsets_of(entries),
        },
    )
    write_sublattice(folder, material)
    write_order(folder, material, {entry["temperature_K"]: entry["site_order"].value for entry in entries})
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


def disorder(temperature, shares, energy, total, tc):
    """One entry of doas.json."""
    mean = float((energy * total).sum() * 0.02)
    width = float(np.sqrt(((energy - mean) ** 2 * total).sum() * 0.02))
    entropy = float(-(total[total > 0] * np.log(total[total > 0])).sum() * 0.02)
    n_states = 3600

    def measured(value, error, unit, note=""):
        return Measured(value if value is None else float(value), error, unit, n_states, note)

    few = shares["tetrahedral"] < 0.006
    bend = 0.0 if tc is None else 1e-3 * max(temperature - tc, 0.0)
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
        "order_parameter": measured(order(temperature, tc), 0.02, "1"),
        "site_order": measured(order(temperature, tc) ** 2, 0.02, "1"),
        "sublattice_energy": measured(mean + bend, 0.004, "eV", "per mobile ion"),
        "cell_energy": measured(-3.87 + 0.3 * (mean + bend), 0.002, "eV", "per atom"),
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


def write_arrhenius(material, refused_below, tc) -> None:
    points = []
    for temperature in sorted(material.campaign.temperatures_K):
        sigma, error = sigma_at(temperature, tc)
        if temperature < refused_below:
            nan, words = float("nan"), "the ions moved too little"
            points.append(TemperaturePoint(temperature, 1, 72, nan, nan, nan, nan, words, 1.2 * sigma))
        else:
            d = 12e-4 * np.exp(-ACTIVATION_ENERGY / (KT * temperature) - slowed(temperature, tc))
            points.append(TemperaturePoint(temperature, 1, 72, d, 0.06 * d, sigma, error, None, None))
    fitted = [point for point in points if point.refusal is None]
    columns = zip(*((p.temperature, p.conductivity, p.conductivity_error) for p in fitted), strict=True)
    result, refusal = None, None
    try:
        result = arrhenius(*(columns if fitted else ([], [], [])), seed=1)
    except TooLittleDiffusion as error:
        refusal = f"{material.name}: {error}"
    folder = material.stage_path("transport")
    content = arrhenius_content(material.name, points, result, refusal, 300.0, seed=1)
    write_csv(folder / "arrhenius.csv", ARRHENIUS_COLUMNS, arrhenius_rows(points, result))
    write_csv(folder / "profile.csv", PROFILE_COLUMNS, profile_rows(result))
    write_json(folder / "arrhenius.json", content)
    summary = Summary(
        {"activation_energy": content["activation_energy"]},
        (Check("points", "PASS", f"{len(fitted)} of {len(points)} temperatures"),),
    )
    mark_done(folder, "transport", material.fingerprint("transport"), summary)


HEXAGONAL = np.array([[11.2, 0, 0], [-5.6, 5.6 * np.sqrt(3), 0], [0, 0, 6.1]])
FRAMEWORK = [
    ("Y", (0.0, 0.0, 0.0)),
    ("Y", (1 / 3, 2 / 3, 0.5)),
    ("Y", (2 / 3, 1 / 3, 0.5)),
    *(("Cl", (x, y, z)) for x, y, z in ((0.11, 0.89, 0.76), (0.22, 0.44, 0.74), (0.56, 0.78, 0.73))),
]


def write_maps(material) -> None:
    """Sites in columns along c, between which there is the more density the hotter it is."""
    shape = (20, 20, 12)
    a, b, c = np.meshgrid(*(np.arange(n) / n for n in shape), indexing="ij")
    found = []
    for temperature in sorted(material.campaign.temperatures_K):
        rho = np.zeros(shape)
        for x, y in ((1 / 3, 0), (0, 1 / 3), (2 / 3, 2 / 3), (2 / 3, 0), (0, 2 / 3), (1 / 3, 1 / 3)):
            apart = np.stack([a - x, b - y, 0 * c], axis=-1)
            distance = np.linalg.norm((apart - np.round(apart)) @ HEXAGONAL, axis=-1)
            along = 0.5 * ACTIVATION_ENERGY * (1 - np.cos(4 * np.pi * c))
            rho += np.exp(-along / (KT * temperature) - (distance / 0.5) ** 2)
        visits = np.floor(4000 * rho).astype(np.int64)
        frames = np.full(4, int(visits.sum() / 18 / 8))
        run = RunVisits(np.stack([visits // 4] * 4), frames, HEXAGONAL, n_cells=2, temperature=temperature)
        found.append(temperature_map([run]))
        for place in material.runs:
            if place.temperature == temperature:
                write_visits(place.stage_path("transport") / "density_map.h5", run)
    folder = material.stage_path("transport")
    write_json(folder / "density_map.json", map_content(material.name, "Li", FRAMEWORK, found))
    write_csv(folder / "density_projections.csv", PROJECTION_COLUMNS, projection_rows(found))
    for one in found:
        write_cube(folder / cube_name(one.temperature), one.map, "Li", FRAMEWORK)
