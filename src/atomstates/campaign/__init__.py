"""Campaigns: settings, reading them, and where their products lie. No physics."""

from atomstates.campaign.layout import MaterialFolder, Results, RunFolder
from atomstates.campaign.reading import read_campaign, read_material
from atomstates.campaign.schema import Campaign, Material

__all__ = [
    "Campaign",
    "Material",
    "MaterialFolder",
    "Results",
    "RunFolder",
    "read_campaign",
    "read_material",
]
