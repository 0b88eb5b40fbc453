"""Figures of a potential in training, drawn after every round into ``FOLDER/figures``."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from atomstates.potentials.learning import ERRORS_TABLE, FRAMES_TABLE, ROUND
from atomstates.potentials.workshop import Workshop
from atomstates.products import read_json, written_whole

if TYPE_CHECKING:
    from atomstates.report.training_figures import LabelledFrames, LearningRound


def draw_rounds(shop: Workshop) -> None:
    """``deviation``, ``calibration``, ``progress`` as SVG and PNG; nothing where one model explores."""
    learning = shop.recipe.active_learning
    if learning is None:
        return
    from atomstates.report.style import as_png, as_svg, style
    from atomstates.report.training_figures import calibration_figure, deviation_figure, progress_figure

    rounds = [_round(shop, number) for number in _finished(shop)]
    trust = (learning.trust_low_eV_per_A, learning.trust_high_eV_per_A)
    with style():
        figures = {
            "deviation": deviation_figure(rounds, trust),
            "calibration": calibration_figure([_labelled(shop, one.number) for one in rounds], trust),
            "progress": progress_figure(rounds, learning.bad_share),
        }
        for name, figure in figures.items():
            for suffix, drawn in ((".svg", as_svg), (".png", as_png)):
                with written_whole(shop.folder / "figures" / f"{name}{suffix}") as unfinished:
                    unfinished.write_bytes(drawn(figure))


def _finished(shop: Workshop) -> list[int]:
    """Numbers of the rounds that are finished."""
    number = 0
    while (shop.round_folder(number + 1) / ROUND).is_file():
        number += 1
    return list(range(1, number + 1))


def _round(shop: Workshop, number: int) -> "LearningRound":
    """What the figures show of a round."""
    from atomstates.report.training_figures import LearningRound

    home = shop.round_folder(number)
    said = read_json(home / ROUND)
    held_out = said["errors"]["held_out"]
    return LearningRound(
        number,
        np.asarray(pd.read_csv(home / FRAMES_TABLE)["deviation_eV_per_A"], dtype=float),
        said["shares"],
        held_out.get("force_rmse_meV_per_A", np.nan),
        held_out["frames"],
    )


def _labelled(shop: Workshop, number: int) -> "LabelledFrames":
    """Deviations and errors of the frames that were labelled in a round."""
    from atomstates.report.training_figures import LabelledFrames

    table = pd.read_csv(shop.round_folder(number) / ERRORS_TABLE)
    columns = ("deviation_eV_per_A", "largest_force_error_eV_per_A")
    deviation, error = (np.asarray(table[name], dtype=float) for name in columns)
    return LabelledFrames(number, deviation, error)
