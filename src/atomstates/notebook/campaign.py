"""A results folder opened for a notebook: one method for each table, one for all figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from atomstates.campaign.layout import open_results
from atomstates.errors import ProductError
from atomstates.notebook.gathering import of_files, of_materials, of_runs
from atomstates.notebook.rows import (
    arrhenius_rows,
    conductivity_rows,
    diffusion_row,
    disorder_rows,
    environment_rows,
    place_of,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class OpenedCampaign:
    """Products of a campaign as tables (``pandas.DataFrame``) and figures (``matplotlib.figure.Figure``).

    Columns that are quantities wear their unit; beside a number stands its standard error
    (``..._error_...``). What is not there yet is left out of a table; a table of which nothing is there
    raises a ``ProductError`` that says which stage makes it.

    Parameters
    ----------
    path
        Results folder.

    Examples
    --------
    >>> import atomstates
    >>> campaign = atomstates.open(results)
    >>> campaign
    <campaign 'small': 1 material, 2 runs>
    >>> campaign.runs().run.tolist()
    ['small_300K_1', 'small_900K_1']
    >>> campaign.runs().done.tolist()
    [True, True]
    >>> sorted(campaign.states().groupby("temperature_K").energy_eV.mean().index)
    [300.0, 900.0]
    """

    def __init__(self, path: Path | str) -> None:
        self._results = open_results(Path(path))

    def __repr__(self) -> str:
        found = ((self._results.materials, "material"), (self._results.runs, "run"))
        numbers = ", ".join(f"{len(each)} {word}{'s' * (len(each) != 1)}" for each, word in found)
        return f"<campaign {self._results.name!r}: {numbers}>"

    @property
    def path(self) -> Path:
        """The results folder."""
        return self._results.path

    @property
    def materials(self) -> list[str]:
        """Names of the materials.

        >>> atomstates.open(results).materials
        ['small']
        """
        return [folder.name for folder in self._results.materials]

    # ------------------------------------------------------------ transport

    def runs(self) -> pd.DataFrame:
        """Every run, and whether all of its stages are done.

        >>> atomstates.open(results).runs().columns.tolist()
        ['run', 'material', 'temperature_K', 'replica', 'done', 'folder']
        """
        import pandas as pd

        stages = ("md", "minimize", "doas", "transport")
        return pd.DataFrame(
            {
                **place_of(run),
                "done": all(run.is_done(stage) for stage in stages),
                "folder": str(run.path),
            }
            for run in self._results.runs
        )

    def diffusivities(self) -> pd.DataFrame:
        """Diffusivity, Haven ratio and conductivities of every run, or why they were refused.

        >>> columns = atomstates.open(results).diffusivities().columns
        >>> [name for name in columns if name.startswith("diffusivity")]
        ['diffusivity_cm2_per_s', 'diffusivity_error_cm2_per_s']
        """

        return of_runs(self._results, "transport", diffusion_row)

    def conductivities(self) -> pd.DataFrame:
        """Conductivity and diffusivity at every temperature, over all replicas.

        >>> atomstates.open(results).conductivities().temperature_K.tolist()
        [300.0, 900.0]
        """

        return of_materials(self._results, "transport", conductivity_rows)

    def arrhenius(self) -> pd.DataFrame:
        """Activation energies, transition temperature with its verdict, and extrapolated conductivity.

        >>> atomstates.open(results).arrhenius().material.tolist()
        ['small']
        """

        return of_materials(self._results, "transport", arrhenius_rows)

    # ------------------------------------------------------------ states

    def states(self, material: str | None = None) -> pd.DataFrame:
        """Every state: a row for each mobile ion in each relaxed snapshot of each run.

        Energies are above the lowest state of the material over all temperatures.

        >>> states = atomstates.open(results).states()
        >>> float(states.energy_eV.min())
        0.0
        >>> set(states.site) <= {'octahedral', 'tetrahedral', 'other'}
        True
        """
        from atomstates.notebook.states import all_states

        return all_states(self._results, material)

    def doas(self, material: str | None = None) -> pd.DataFrame:
        """Density of atomistic states by temperature and energy: all, by site and by environment.

        >>> density = atomstates.open(results).doas()
        >>> integrals = 0.02 * density.groupby("temperature_K").total_per_eV.sum()
        >>> integrals.round(6).tolist()
        [1.0, 1.0]
        """
        return of_files(self._results, "doas", "density.csv", material)

    def disorder(self) -> pd.DataFrame:
        """Disorder measures at every temperature: mean, width, entropy, shares of sites, order parameter.

        >>> disorder = atomstates.open(results).disorder()
        >>> {'width_eV', 'width_error_eV', 'entropy', 'order_parameter'} <= set(disorder.columns)
        True
        """

        return of_materials(self._results, "doas", disorder_rows)

    def environments(self) -> pd.DataFrame:
        """Share, mean energy and width of every environment at every temperature.

        >>> environments = atomstates.open(results).environments()
        >>> environments.groupby("temperature_K").fraction.sum().round(6).tolist()
        [1.0, 1.0]
        """

        return of_materials(self._results, "doas", environment_rows)

    def transitions(self, material: str | None = None) -> pd.DataFrame:
        """Transitions between classes of states of successive snapshots, with rates.

        Rows without a ``run`` are those of all runs of a temperature.

        >>> {'from', 'to', 'rate_per_ps'} <= set(atomstates.open(results).transitions().columns)
        True
        """
        return of_files(self._results, "doas", "transitions.csv", material)

    # ------------------------------------------------------------ everything

    def numbers(self) -> pd.DataFrame:
        """Every number of the campaign with error, unit, sample, and the product that it came from.

        >>> numbers = atomstates.open(results).numbers()
        >>> {'quantity', 'value', 'error', 'unit', 'sample', 'product'} <= set(numbers.columns)
        True
        """
        import pandas as pd

        path = self._results.stage_path("report") / "numbers.csv"
        if not path.exists():
            raise ProductError(f"{path}: this product is missing; run `atomstates report`")
        return pd.read_csv(path)

    @property
    def figures(self) -> list[str]:
        """Names of the figures that ``figure`` draws.

        >>> {'density', 'disorder', 'arrhenius', 'transitions'} <= set(atomstates.open(results).figures)
        True
        """
        from atomstates.report.figures import BY_NAME

        return list(BY_NAME)

    def figure(self, name: str, material: str | None = None) -> Figure:
        """A figure as the report has it; the first material's unless one is named.

        A notebook shows it where ``%matplotlib inline`` is on; ``figure.savefig("name.pdf")`` keeps it.

        Raises
        ------
        InputError
            There is no such figure.
        ProductError
            The products of this material do not allow it (yet).

        Examples
        --------
        >>> figure = atomstates.open(results).figure("density")
        >>> len(figure.axes) > 0
        True
        """
        from atomstates.notebook.figures import drawn

        return drawn(self._results, name, material)
