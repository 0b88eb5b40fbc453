"""``atomstates schema``: JSON schemas of the YAML files, for editors."""

from pathlib import Path

from atomstates.campaign.descriptions import schema
from atomstates.products import as_json, write_json

FILES = {"campaign": "atomstates-campaign.schema.json", "material": "atomstates-material.schema.json"}
"""Names under which schemas lie beside the YAML files."""


def show_schema(kind: str, output: Path | None) -> None:
    """Show the schema of a kind of file, or write it."""
    if output is None:
        print(as_json(schema(kind)))
        return
    write_json(output, schema(kind))
    print(
        f"{output}: written. In a YAML file beside it, the first line "
        f"`# yaml-language-server: $schema={output.name}` tells editors of it."
    )
