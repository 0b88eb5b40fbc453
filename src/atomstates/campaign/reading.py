"""Reading campaign and material files, with errors that name the key and the nearest known one."""

import difflib
from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from atomstates.campaign.schema import Campaign, Material, Settings
from atomstates.errors import InputError
from atomstates.resources import workflow_folder

S = TypeVar("S", bound=Settings)


def read_campaign(path: Path) -> Campaign:
    """Campaign from a YAML file, or from the name of a shipped one.

    Raises
    ------
    InputError
        The file is missing, is no YAML, or says something that makes no sense.
    """
    return read_settings(_found(path, "campaigns"), Campaign)


def read_material(name: str, beside: Path) -> tuple[Material, Path]:
    """Material by shipped name or by file relative to ``beside``, and the file it came from."""
    file = _found(beside / name if name.endswith((".yaml", ".yml")) else Path(name), "materials")
    return read_settings(file, Material), file


def read_campaign_material(campaign: Campaign, name: str, beside: Path) -> tuple[Material, Path]:
    """Material of a campaign, in the supercell that the campaign wants, and the file it came from."""
    material, file = read_material(name, beside)
    supercell = campaign.supercells.get(material.name, material.supercell)
    return material.model_copy(update={"supercell": supercell}), file


def refuse_unknown_supercells(campaign: Campaign, materials: Collection[str], path: Path) -> None:
    """Every supercell of a campaign must be that of one of its materials, or InputError."""
    for name in campaign.supercells:
        if name not in materials:
            near = difflib.get_close_matches(name, materials, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(materials)}"
            raise InputError(f"{path}: supercells.{name}: no material has that name; {hint}")


def campaign_file(path: Path) -> Path:
    """The file that a campaign's path or shipped name stands for."""
    return _found(path, "campaigns")


def _found(path: Path, kind: str) -> Path:
    """``path`` itself, or the shipped file of that name."""
    if path.is_file():
        return path
    folder = workflow_folder() / kind
    shipped = {file.stem: file for file in sorted(folder.glob("*.yaml"))}
    if str(path) in shipped:
        return shipped[str(path)]
    near = difflib.get_close_matches(path.stem, shipped, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(
        f"{path}: no such file, and no shipped one of the {kind} has that name{hint} "
        f"Shipped are: {', '.join(shipped) or 'none'}."
    )


def read_settings(path: Path, schema: type[S]) -> S:
    """The YAML file checked against the schema.

    Raises
    ------
    InputError
        It cannot be read, is no YAML, or says something that makes no sense.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as YAML: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    return validated(content, schema, path)


def validated(content: Any, schema: type[S], path: Path) -> S:
    """What a YAML file holds, checked against the schema; ``path`` is named in errors.

    Raises
    ------
    InputError
        It says something that makes no sense.
    """
    if not isinstance(content, dict):
        raise InputError(f"{path}: found {type(content).__name__}, needed keys such as 'name: ...'")
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        problems = "\n".join(f"  {_explained(item, schema)}" for item in error.errors())
        raise InputError(f"{path}:\n{problems}") from error


def _explained(problem: Any, schema: type[BaseModel]) -> str:
    """One line of a validation error: where, what was found, what was needed."""
    location = [part for part in problem["loc"] if part != "function-after"]
    where = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        return (
            f"{where}: unknown key; {_hint(str(location[-1]), _schema_at(schema, location[:-1]), schema)}"
        )
    if problem["type"] == "missing":
        return f"{where}: missing"
    message = problem["msg"].removeprefix("Value error, ")
    found = "" if problem["type"] == "value_error" else f" (found {problem['input']!r})"
    return f"{where}: {message}{found}" if where else message


def _hint(key: str, here: type[BaseModel], schema: type[BaseModel]) -> str:
    """The nearest key of this section, or else of the whole file, or else what is known here."""
    near_everywhere = difflib.get_close_matches(key, elsewhere := _places(schema), n=1, cutoff=0.7)
    for cutoff in (0.6, 0.4):
        if near := difflib.get_close_matches(key, here.model_fields, n=1, cutoff=cutoff):
            return f"did you mean {near[0]!r}?"
        if near_everywhere:
            return f"did you mean {elsewhere[near_everywhere[0]]!r}?"
    return f"known are: {', '.join(here.model_fields)}"


def _places(schema: type[BaseModel], above: str = "") -> dict[str, str]:
    """Every key of a file, and where it stands; the outermost one of equal keys."""
    places = {name: above + name for name in schema.model_fields}
    for name, field in schema.model_fields.items():
        if (inner := _first_model(field.annotation)) is not None:
            places = _places(inner, f"{above}{name}.") | places
    return places


def _schema_at(schema: type[BaseModel], location: list[str | int]) -> type[BaseModel]:
    """The settings class that holds the key at ``location``."""
    for part in location:
        if isinstance(part, str) and part in schema.model_fields:
            schema = _first_model(schema.model_fields[part].annotation) or schema
    return schema


def _first_model(annotation: Any) -> type[BaseModel] | None:
    """The first settings class named in a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        if (found := _first_model(part)) is not None:
            return found
    return None
