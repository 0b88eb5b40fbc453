"""What a recipe says of the model's size: descriptor and networks."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from atomstates.campaign.schema import Settings

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class Shape(Settings):
    """Descriptor and networks of the model.

    With ``type_embedding`` the descriptor is DeePMD's ``se_atten_v2`` without attention layers (DPA-1,
    Zhang et al., npj Comput. Mater. 10 (2024) 94): one embedding network for all elements, gated by
    what they are. Without it, ``se_e2_a`` (Zhang et al., NeurIPS 31 (2018)) with a network for each.
    Both compress, and then only the last of the embedding's layers costs time.
    """

    cutoff_A: Positive
    smooth_from_A: Positive
    selection: tuple[Count, ...]
    """Most neighbours within the cutoff (``dp neighbor-stat`` plus headroom): of each element, or,
    with ``type_embedding``, one number for all."""
    type_embedding: tuple[Count, ...] | None = None
    """Layers of the network that tells elements apart."""
    embedding: tuple[Count, ...]
    one_sided: bool = False
    """``se_e2_a``: networks for each element of the neighbour, not for each pair of elements."""
    axis_neurons: Count
    fitting: tuple[Count, ...]
    precision: Literal["float32", "float64"] = "float32"

    @model_validator(mode="after")
    def _embedding_has_shortcuts(self) -> "Shape":
        for narrow, wide in pairwise(self.embedding):
            if wide not in (narrow, 2 * narrow):
                raise ValueError(
                    f"embedding {[*self.embedding]}: each layer must be as wide as the last one, or twice"
                )
        return self

    def descriptor(self, seed: int) -> dict[str, Any]:
        """DeePMD's ``descriptor``, and its ``type_embedding`` if it has one."""
        settings = {
            "rcut": self.cutoff_A,
            "rcut_smth": self.smooth_from_A,
            "neuron": list(self.embedding),
            "axis_neuron": self.axis_neurons,
            "precision": self.precision,
            "seed": seed,
        }
        if self.type_embedding is None:
            selection = {"sel": list(self.selection), "type_one_side": self.one_sided}
            return {"descriptor": {"type": "se_e2_a", **selection, **settings}}
        return {
            # No attention: only then can it be compressed.
            "descriptor": {"type": "se_atten_v2", "sel": self.selection[0], "attn_layer": 0, **settings},
            "type_embedding": {
                "neuron": list(self.type_embedding),
                "precision": self.precision,
                "seed": seed,
            },
        }
