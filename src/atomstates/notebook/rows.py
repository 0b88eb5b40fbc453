"""Rows of tables from the JSON products of runs and materials."""

from collections.abc import Iterator
from typing import Any

from atomstates.campaign.layout import MaterialFolder, RunFolder
from atomstates.notebook.columns import measured_columns, value_and_error
from atomstates.products import read_json

Row = dict[str, Any]


def place_of(run: RunFolder) -> Row:
    """Which run it is."""
    return {
        "run": run.id,
        "material": run.material.name,
        "temperature_K": run.temperature,
        "replica": run.replica,
    }


def diffusion_row(run: RunFolder) -> Row:
    """What ``diffusion.json`` says of a run."""
    content = read_json(run.stage_path("transport") / "diffusion.json")
    names = ("diffusivity", "conductivity", "charge_diffusivity", "collective_conductivity", "haven_ratio")
    return {**place_of(run), **measured_columns(content, names), "refusal": content["refusal"]}


def conductivity_rows(folder: MaterialFolder) -> Iterator[Row]:
    """The points of ``arrhenius.json``."""
    for point in read_json(folder.stage_path("transport") / "arrhenius.json")["points"]:
        yield {
            "material": folder.name,
            "temperature_K": point["temperature_K"],
            "n_runs": point["n_runs"],
            **measured_columns(point, ("conductivity", "diffusivity")),
            "upper_bound_conductivity_mS_per_cm": point["upper_bound_conductivity_mS_per_cm"],
            "refusal": point["refusal"],
        }


def arrhenius_rows(folder: MaterialFolder) -> Iterator[Row]:
    """What follows from the points: one row."""
    content = read_json(folder.stage_path("transport") / "arrhenius.json")
    names = (
        "activation_energy",
        "activation_energy_below_Tc",
        "activation_energy_above_Tc",
        "transition_temperature",
    )
    at = content.get("conductivity_at") or {}
    yield {
        "material": folder.name,
        **measured_columns(content, names),
        **(value_and_error("extrapolated_conductivity", at) if "unit" in at else {}),
        "extrapolated_to_K": at.get("temperature_K"),
        "verdict": (content.get("transition") or {}).get("verdict"),
        "refusal": content.get("refusal"),
    }


def disorder_rows(folder: MaterialFolder) -> Iterator[Row]:
    """Every measure of ``doas.json`` at each temperature."""
    for entry in read_json(folder.stage_path("doas") / "doas.json")["temperatures"]:
        yield {
            "material": folder.name,
            "temperature_K": entry["temperature_K"],
            **{name: entry[name] for name in ("n_states", "n_snapshots", "n_rejected", "n_runs")},
            **measured_columns(entry),
        }


def environment_rows(folder: MaterialFolder) -> Iterator[Row]:
    """Every environment at each temperature."""
    for entry in read_json(folder.stage_path("doas") / "doas.json")["temperatures"]:
        for environment in entry["environments"]:
            anions = {f"n_{element}": n for element, n in (environment.get("anions") or {}).items()}
            yield {
                "material": folder.name,
                "temperature_K": entry["temperature_K"],
                **{key: environment[key] for key in ("site", "edge_sharing", "face_sharing")},
                **anions,
                **measured_columns(environment),
            }
