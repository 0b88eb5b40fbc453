"""Potentials that travel with the package."""

from typing import Any

from atomstates.products import read_json
from atomstates.resources import shipped_model, shipped_models

__all__ = ["model_card", "shipped_model", "shipped_models"]


def model_card(name: str) -> dict[str, Any]:
    """Content of ``card.json`` of a shipped potential: elements, teacher, errors, limits, hash."""
    card: dict[str, Any] = read_json(shipped_model(name).parent / "card.json")
    return card
