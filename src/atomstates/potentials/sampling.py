"""What a recipe says of crystals, compositions, weights, and the choice of frames to label."""

from typing import Annotated

from pydantic import Field, model_validator

from atomstates.campaign.schema import Channels, Crystal, Settings

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Span = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class Phase(Settings):
    """A crystal that the potential must know; sites of the mobile element are filled in part."""

    crystal: Crystal
    mobile_per_cell: Count
    channels: Channels | None = None
    """Columns of sites, for the filling ``channels`` and the order parameter."""


class Replacement(Settings):
    """Part of an element's atoms replaced at random by another, drawn anew for each structure."""

    replace: str
    by: str
    fraction: tuple[Share, Share]
    """Least and largest share replaced; the number of atoms is drawn evenly between them."""
    expansion: Annotated[float, Field(gt=-1)] = 0.0
    """Relative change of all lengths of the cell when all is replaced (Vegard's rule between)."""

    @model_validator(mode="after")
    def _in_order(self) -> "Replacement":
        if self.fraction[0] > self.fraction[1]:
            raise ValueError(f"fraction {self.fraction}: the least share comes first")
        return self


class Weights(Settings):
    """Start and end of the prefactors of the loss."""

    energy: Span = (0.02, 20.0)
    force: Span = (1000.0, 20.0)
    virial: Span = (0.05, 5.0)
    atomic_energy: Span = (200.0, 5.0)


class Limits(Settings):
    """Frames beyond these are dropped and counted: the student had blown up."""

    largest_force_eV_per_A: Positive = 15.0
    closest_A: Positive = 1.5


class ActiveLearning(Settings):
    """The loop of DP-GEN: an ensemble explores, and where it disagrees it is taught.

    A frame's deviation is that of the forces on its worst atom,

        eps = max_i sqrt( < |F_i - <F_i>|^2 > )      (mean over the models)

    Below ``trust_low`` it is *accurate*, above ``trust_high`` *failed* (too far from what is known
    for its structure to be believed, and not labelled), between them a *candidate*.

    Source
    ------
    Zhang et al., Phys. Rev. Mater. 3 (2019) 023804; Zhang et al., Comput. Phys. Commun. 253 (2020)
    107206 (DP-GEN: ``numb_models``, ``model_devi_f_trust_lo``, ``model_devi_f_trust_hi``,
    ``fp_task_max``).
    """

    models: Annotated[int, Field(ge=2)] = 3
    """Models of the ensemble: same data, other initial weights."""
    trust_low_eV_per_A: Positive
    trust_high_eV_per_A: Positive
    most_frames: Count
    """Candidates that are labelled in a round, at most."""
    relaxed_frames: Annotated[int, Field(ge=0)] = 0
    """Relaxed frames a round that are labelled besides, drawn evenly from those that are not *failed*:
    the models agree on their small forces long before they agree on their energies."""
    bad_share: Share
    """The loop ends when candidates and failed frames together are at most this share ..."""
    most_rounds: Count
    """... or after this many rounds; the last entry of ``rounds`` is repeated until then."""
    held_out_frames: Annotated[int, Field(ge=0)] = 10
    """Frames a round that are drawn evenly from all, labelled, and never trained on."""

    @model_validator(mode="after")
    def _in_order(self) -> "ActiveLearning":
        if self.trust_low_eV_per_A >= self.trust_high_eV_per_A:
            raise ValueError("trust_low_eV_per_A must be below trust_high_eV_per_A")
        return self
