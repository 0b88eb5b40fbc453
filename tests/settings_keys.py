"""A campaign and two materials in which every key is said, and all their keys."""

from typing import get_args

from pydantic import BaseModel

from atomstates.campaign.schema import Campaign, Material


def with_defaults(settings, content):
    """The content with every key that it leaves out."""
    return settings.model_validate(content).model_dump(mode="json")


CAMPAIGN = with_defaults(Campaign, {
    "name": "whole",
    "title": "Every key",
    "seed": 3,
    "materials": ["material.yaml"],
    "supercells": {"salt": [3, 3, 3]},
    "temperatures_K": [300, 400, 500, 600],
    "replicas": 2,
    "lammps_command": ["lmp"],
    "md": {
        "timestep_fs": 2.0, "equilibrate_ps": 2.0, "produce_ps": 40.0, "frame_every_ps": 0.1,
        "snapshot_every_ps": 2.0, "thermo_every_ps": 0.1, "restart_every_ps": 5.0,
        "thermostat_damping_ps": 0.1, "barostat_damping_ps": 1.0, "cell": "relaxed", "npt_ps": 20.0,
    },
    "minimize": {"force_tolerance_eV_per_A": 0.005, "most_steps": 2000, "style": "fire"},
    "doas": {"bin_width_eV": 0.02, "bootstrap_samples": 400, "block_snapshots": 3},
    "transport": {
        "most_lags": 200, "longest_lag_fraction": 0.5, "fit_from_ps": 2.0, "fit_to_ps": 10.0,
        "extrapolate_K": 300.0, "map_spacing_A": 0.25,
    },
})  # fmt: skip

_COMMON = {
    "name": "salt",
    "title": "Rock salt",
    "source": "made for tests",
    "mobile": "Na",
    "anions": ["Cl"],
    "charges": {"Na": 1, "Cl": -1, "Br": -1},
    "supercell": [3, 3, 3],
    "ordering": {"cell": [1, 1, 1], "candidates": 4, "most_enumerated": 1000},
    "hop_length_A": 3.99,
}

MATERIAL = with_defaults(Material, {
    **_COMMON,
    "crystal": {
        "space_group": 225,
        "lattice_A": [5.64, 5.64, 5.64],
        "angles_deg": [90, 90, 90],
        "sites": [
            {"label": "Na", "element": "Na", "position": [0, 0, 0], "occupancy": 1.0},
            {"label": "Cl", "element": "Cl", "position": [0.5, 0.5, 0.5]},
        ],
    },
    "substitution": [{"replace": "Cl", "by": "Br", "fraction": 0.25, "seed": 2}],
    "channels": {"a": [[0, 0], [0.5, 0.5]], "b": [[0.5, 0], [0, 0.5]]},
    "potential": {
        "lammps": {
            "pair_style": "lj/cut 7.0",
            "pair_coeff": ["* * 0.01 3.0"],
            "commands": ["pair_modify shift yes"],
            "before_read": ["newton on"],
            "atom_style": "charge",
            "files": [],
        }
    },
})  # fmt: skip

DEEPMD_MATERIAL = with_defaults(Material, {
    **_COMMON,
    "crystal": {"cif": "salt.cif"},
    "potential": {"deepmd": {"models": ["model.pb"]}},
})  # fmt: skip


def keys(content, above=()):
    """Paths of all keys that the schema names, as tuples; those in ``charges``, ``supercells`` are none."""
    for key, value in content.items():
        yield (*above, key)
        if isinstance(value, dict) and key not in ("charges", "supercells"):
            yield from keys(value, (*above, key))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from keys(value[0], (*above, key, 0))


def sections(settings):
    """Every class of settings in a file."""
    yield settings
    for field in settings.model_fields.values():
        for inner in _models(field.annotation):
            yield from sections(inner)


def _models(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def needed(settings):
    """Names of the keys that have no default."""
    return {
        key
        for section in sections(settings)
        for key, field in section.model_fields.items()
        if field.is_required()
    }


def forgotten():
    """Keys that the examples above leave out, by class."""
    said = {path[-1] for whole in (CAMPAIGN, MATERIAL, DEEPMD_MATERIAL) for path in keys(whole)}
    return [
        f"{section.__name__}.{key}"
        for settings in (Campaign, Material)
        for section in sections(settings)
        for key in section.model_fields
        if key not in said
    ]


def wrong_values(settings, path, example):
    """Values just beyond every bound of a key; ``example`` is a right one."""
    schema = settings.model_json_schema()
    definitions = schema.get("$defs", {})
    nodes = [schema]
    for part in path:
        inner = [node.get("items") if part == 0 else node.get("properties", {}).get(part) for node in nodes]
        nodes = [one for node in inner if node is not None for one in _choices(node, definitions)]
    return [value for node in nodes for value in _beyond(node, example)]


def _choices(node, definitions):
    """A node of a JSON schema, or those between which it leaves the choice."""
    if "$ref" in node:
        return _choices(definitions[node["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in node:
        return [one for choice in node["anyOf"] for one in _choices(choice, definitions)]
    return [node]


def _beyond(node, example):
    """Values that break one bound each."""
    for bound, value in (
        ("exclusiveMinimum", lambda bound: bound),
        ("minimum", lambda bound: bound - 1),
        ("exclusiveMaximum", lambda bound: bound),
        ("maximum", lambda bound: bound + 1),
        ("enum", lambda names: f"{names[0]}er"),
        ("pattern", lambda _: "no/such name"),
    ):
        if bound in node:
            yield value(node[bound])
    if node.get("type") != "array" or not example:
        return
    if node.get("minItems"):
        yield list(example)[: node["minItems"] - 1]
    if "maxItems" in node:
        yield [*example, example[-1]]
    for item in (node["items"],) if "items" in node else node.get("prefixItems", [])[:1]:
        if "$ref" not in item:
            yield from ([wrong, *example[1:]] for wrong in _beyond(item, example[0]))
