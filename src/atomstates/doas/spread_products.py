"""The edge of the spread over models: states under each model in; ``spread.json`` and its tables out."""

from collections.abc import Mapping

import numpy as np

from atomstates.campaign import MaterialFolder
from atomstates.doas.density import Bins, BlockSums, block_sums, joined
from atomstates.doas.model_pairs import from_zeros, on_common_snapshots, pair_sums
from atomstates.doas.products import common_ground
from atomstates.doas.spread import FloatArray, ModelSpread, model_spread
from atomstates.doas.spread_outcome import (
    MEASURES_COLUMNS,
    Model,
    density_columns,
    density_rows,
    measures_rows,
    spread_check,
    spread_content,
)
from atomstates.doas.states import States, read_states_file
from atomstates.errors import ProductError
from atomstates.lammps.potential import of_model
from atomstates.parallel import Communicator
from atomstates.products import Check, fingerprint, write_csv, write_json

SPREAD_JSON, SPREAD_CSV, SPREAD_MEASURES = "spread.json", "spread.csv", "spread_measures.csv"

_Sums = dict[str, tuple[list[BlockSums], FloatArray]]


def write_spread(place: MaterialFolder, own: Mapping[str, States], comm: Communicator) -> tuple[Check, ...]:
    """Density of states of each model and their spread; with one model there is none, and nothing is done.

    Parameters
    ----------
    place
        The material.
    own
        States of this rank's runs under the first model, by run.
    comm
        The ranks; the result does not depend on their number.

    Raises
    ------
    ProductError
        No snapshot of a run passed the checks of all models.
    """
    folder = place.stage_path("doas")
    n_models = place.material.potential.n_models
    if n_models == 1:
        if comm.rank == 0:
            for name in (SPREAD_JSON, SPREAD_CSV, SPREAD_MEASURES):
                (folder / name).unlink(missing_ok=True)  # of models that are no longer named
        return ()
    states = {run: _of_all_models(place, run, first, n_models) for run, first in own.items()}
    models = [_model(place, states, k, comm) for k in range(n_models)]
    bins, sums = _all_sums(place, states, models, comm)
    settings, found = place.campaign.doas, []
    for temperature in sorted(place.campaign.temperatures_K):
        runs = [run.id for run in place.runs if run.temperature == temperature]
        blocks = [joined([sums[run][0][k] for run in runs]) for k in range(n_models)]
        pairs = np.concatenate([sums[run][1] for run in runs], axis=1)
        # that of the density itself: the first model's errors are the same in both
        seed = int(fingerprint(place.campaign.seed, place.name, f"{temperature:g}", "doas"), 16)
        found.append(model_spread(temperature, blocks, pairs, settings.bootstrap_samples, seed, comm))
    if comm.rank == 0:
        _write(place, models, bins, found)
    return (spread_check(found),)


def _of_all_models(place: MaterialFolder, run: str, first: States, n_models: int) -> list[States]:
    """States of a run under each model, of the snapshots that all models have."""
    path = next(one for one in place.runs if one.id == run).stage_path("doas")
    further = [read_states_file(path / of_model("states.h5", k)) for k in range(1, n_models)]
    try:
        return on_common_snapshots([first, *further])
    except ValueError as error:
        raise ProductError(
            f"{run}: {error}. See the checks in minimize/done.json; take the model that fails out of the "
            "material's `models`."
        ) from error


def _model(place: MaterialFolder, states: Mapping[str, list[States]], k: int, comm: Communicator) -> Model:
    """A model with its zeros: the lowest state and cell of all its runs."""
    lowest = [(own[k].energy.min(), (own[k].cell_energy / own[k].n_atoms).min()) for own in states.values()]
    named = [own[k].potential for own in states.values()]
    zeros = np.array([pair for ranks in comm.gathered(lowest) for pair in ranks]).min(axis=0)
    potential = next(name for ranks in comm.gathered(named) for name in ranks)
    assert place.material.potential.deepmd is not None
    file = place.material.potential.deepmd.models[k].replace("\\", "/").rsplit("/", 1)[-1]
    return Model(f"model-{k}", file, potential, float(zeros[0]), float(zeros[1]))


def _all_sums(
    place: MaterialFolder, states: Mapping[str, list[States]], models: list[Model], comm: Communicator
) -> tuple[Bins, _Sums]:
    """Common bins, and for every run the sums of each model, energies from its zero, and of each pair."""
    settings = place.campaign.doas
    relative = {
        run: [from_zeros(one, m.zero, m.cell_zero) for one, m in zip(own, models, strict=True)]
        for run, own in states.items()
    }
    everything = {f"{run} {k}": one for run, own in relative.items() for k, one in enumerate(own)}
    bins, classes = common_ground(everything, settings.bin_width_eV, comm)
    sums = {
        run: (
            [block_sums(one, classes, bins, settings.block_snapshots) for one in own],
            np.array([pair_sums(own[0], other, settings.block_snapshots) for other in own[1:]]),
        )
        for run, own in relative.items()
    }
    return bins, {run: part for ranks in comm.gathered(sums) for run, part in ranks.items()}


def _write(place: MaterialFolder, models: list[Model], bins: Bins, found: list[ModelSpread]) -> None:
    """All products."""
    folder = place.stage_path("doas")
    write_json(folder / SPREAD_JSON, spread_content(place.name, models, bins, found))
    write_csv(folder / SPREAD_CSV, density_columns(models), density_rows(bins, found))
    write_csv(folder / SPREAD_MEASURES, MEASURES_COLUMNS, measures_rows(models, found))
