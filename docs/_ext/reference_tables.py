"""Directives that write reference pages from the code: keys of YAML files, and commands."""

from typing import Any

import typer.main
from docutils import nodes
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sphinx.util.docutils import SphinxDirective
from typer.core import TyperArgument, TyperGroup

from atomstates.campaign.descriptions import meaning


class KeysDirective(SphinxDirective):
    """``.. keys:: module:Class``: all keys of a settings class, its nested ones after it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        module, _, name = self.arguments[0].partition(":")
        settings = getattr(__import__(module, fromlist=[name]), name)
        return _parsed(self, "\n".join(_key_lines(settings, "", set())))


class CommandsDirective(SphinxDirective):
    """``.. commands::``: what ``--help`` says of every command."""

    def run(self) -> list[nodes.Node]:
        from atomstates.cli.main import app

        group = typer.main.get_command(app)
        return _parsed(self, "\n".join(_command_lines(group, "atomstates")))


def _parsed(directive: SphinxDirective, text: str) -> list[nodes.Node]:
    """The nodes of a piece of MyST or reST text in place of the directive."""
    return directive.parse_text_to_nodes(text, allow_section_headings=True)


def _key_lines(settings: type[BaseModel], prefix: str, seen: set[type[BaseModel]]) -> list[str]:
    """One definition a key; classes of settings within it follow with their prefix."""
    lines, below = [], []
    for name, field in settings.model_fields.items():
        label = f"{prefix}{name}"
        nested = _nested(field.annotation)
        default = "" if nested else _default(field)
        lines += [f"`{label}`{default}", f": {meaning(settings, name)}", ""]
        if nested and nested not in seen:
            below += _key_lines(nested, f"{label}.", seen | {nested})
    return lines + below


def _nested(annotation: Any) -> type[BaseModel] | None:
    """The class of settings in an annotation, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := _nested(part)) is not None:
            return found
    return None


def _default(field: Any) -> str:
    """What the key has where it is left out."""
    if field.default is PydanticUndefined or field.is_required():
        return ", needed"
    value = list(field.default) if isinstance(field.default, tuple) else field.default
    return "" if value in (None, "", [], {}) else f", `{value}` by default"


def _command_lines(command: Any, path: str) -> list[str]:
    """Usage, help and options of a command and those below it."""
    lines: list[str] = []
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            if not below.hidden:
                lines += _command_lines(below, f"{path} {name}")
        return lines
    lines += [f"## `{path}`", "", (command.help or "").strip(), ""]
    for parameter in command.params:
        if getattr(parameter, "hidden", False) or parameter.name == "help":
            continue
        words = ", ".join(f"`{one}`" for one in [*parameter.opts, *parameter.secondary_opts])
        if isinstance(parameter, TyperArgument):
            words = f"`{parameter.name.upper()}`"
        text = " ".join((getattr(parameter, "help", None) or ".").split())
        lines += [words, f": {text}", ""]
    return lines


def setup(app: Any) -> dict[str, bool]:
    """Sphinx' entry point."""
    app.add_directive("keys", KeysDirective)
    app.add_directive("commands", CommandsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
