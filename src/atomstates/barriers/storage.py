"""Finished paths on disk, so that what is done is not done again."""

from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np

from atomstates.barriers.profile import REASONS, Failure, Profile, Reason
from atomstates.barriers.splitting import Chain
from atomstates.errors import ProductError
from atomstates.products import as_json, provenance, readable, written_whole

_ARRAYS = ("positions", "cell", "energy", "atom_energy")
_NUMBERS = ("largest_force", "n_steps", "converged", "climbing_replica")

Outcome = Chain | Profile | Failure


def write_outcome(path: Path, outcome: Outcome, fingerprint: str) -> None:
    """Write what became of a path, whole; ``fingerprint`` says of which input."""
    with written_whole(path) as unfinished, h5py.File(unfinished, "w") as file:
        file.attrs["fingerprint"] = fingerprint
        file.attrs["kind"] = type(outcome).__name__
        file.attrs["provenance"] = as_json(provenance(), compact=True)
        if isinstance(outcome, Failure):
            file.attrs["reason"], file.attrs["message"] = outcome.reason, outcome.message
            profiles: tuple[Profile, ...] = () if outcome.profile is None else (outcome.profile,)
        elif isinstance(outcome, Chain):
            file.attrs["ways"] = np.array(outcome.ways, dtype=np.float64)
            profiles = outcome.pieces
        else:
            profiles = (outcome,)
        for number, profile in enumerate(profiles):
            group = file.create_group(f"piece-{number}")
            for name in _ARRAYS:
                group[name] = getattr(profile, name)
            for name in _NUMBERS:
                group.attrs[name] = getattr(profile, name)


def read_outcome(path: Path, fingerprint: str | None = None) -> Outcome | None:
    """What became of a path; None where there is nothing, or where its input had another fingerprint.

    Raises
    ------
    ProductError
        The file is truncated or not what was expected.
    """
    if not path.is_file():
        return None
    with readable(path), h5py.File(path, "r") as file:
        if fingerprint is not None and file.attrs["fingerprint"] != fingerprint:
            return None
        profiles = tuple(_profile(file[f"piece-{number}"]) for number in range(len(file)))
        kind = str(file.attrs["kind"])
        if kind == "Chain":
            return Chain(profiles, tuple(float(barrier) for barrier in file.attrs["ways"]))
        if kind == "Profile":
            return profiles[0]
        reason = str(file.attrs["reason"])
        if kind != "Failure" or reason not in REASONS:
            raise ProductError(f"{path}: found {kind} {reason!r}; remove it and run its stage again")
        return Failure(cast(Reason, reason), str(file.attrs["message"]), profiles[0] if profiles else None)


def _profile(group: Any) -> Profile:
    """One band."""
    return Profile(
        **{name: group[name][:] for name in _ARRAYS},
        largest_force=float(group.attrs["largest_force"]),
        n_steps=int(group.attrs["n_steps"]),
        converged=bool(group.attrs["converged"]),
        climbing_replica=int(group.attrs["climbing_replica"]),
    )
