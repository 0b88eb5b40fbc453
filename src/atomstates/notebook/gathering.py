"""Tables over all places of a campaign at which a stage is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from atomstates.campaign.layout import MaterialFolder, Results, RunFolder
from atomstates.errors import ProductError
from atomstates.products import MARKER

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


def of_runs(results: Results, stage: str, row: Callable[[RunFolder], Row]) -> pd.DataFrame:
    """A row for each run whose stage is done."""
    import pandas as pd

    rows = [row(run) for run in results.runs if (run.stage_path(stage) / MARKER).exists()]
    refuse_nothing(results, rows, stage)
    return pd.DataFrame(rows)


def of_materials(
    results: Results, stage: str, rows: Callable[[MaterialFolder], Iterable[Row]]
) -> pd.DataFrame:
    """Some rows for each material whose stage is done."""
    import pandas as pd

    done = [folder for folder in results.materials if (folder.stage_path(stage) / MARKER).exists()]
    refuse_nothing(results, done, stage)
    return pd.DataFrame([row for folder in done for row in rows(folder)])


def of_files(results: Results, stage: str, name: str, material: str | None) -> pd.DataFrame:
    """The CSV products of that name, of all materials or of one, below each other."""
    import pandas as pd

    tables = []
    for folder in chosen(results, material):
        if (path := folder.stage_path(stage) / name).exists():
            table = pd.read_csv(path)
            table.insert(0, "material", folder.name)
            tables.append(table)
    refuse_nothing(results, tables, stage)
    return pd.concat(tables, ignore_index=True)


def chosen(results: Results, material: str | None) -> list[MaterialFolder]:
    """All materials, or the named one."""
    return results.materials if material is None else [results.material(material)]


def refuse_nothing(results: Results, found: list[Any], stage: str) -> None:
    """Say which stage is missing where there is nothing to show."""
    if not found:
        raise ProductError(
            f"{results.path}: {stage} is not done; `atomstates {stage} --results {results.path}` does it"
        )
