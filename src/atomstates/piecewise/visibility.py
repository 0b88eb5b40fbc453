"""How small a kink could be and still be seen: what the words "one line" leave open."""

import numpy as np

from atomstates.piecewise.comparison import Broken, gains_over_line
from atomstates.piecewise.transition import Transition

_N_DRAWS = 400
_NEARLY_ALWAYS, _FINER, _MOST_ROUNDS = 0.9, 1.08, 40


def smallest_visible_bend(found: Transition, *, seed: int) -> float | None:
    """Change of slope that would be claimed in nine of ten cases, at the point where it is easiest to see.

    It is searched upwards by drawing values about a kink from their errors and comparing the
    models anew each time. None where a kink is out of reach.
    """
    comparison, design = found.comparison, found.plan
    if comparison is None or comparison.best is None or design is None:
        return None
    broken: list[Broken] = [name for name in ("kink", "jump") if comparison.models[name].aicc is not None]
    noise = np.random.default_rng(seed).standard_normal((_N_DRAWS, len(design.x)))
    freedom = {name: model.effective_parameters for name, model in comparison.models.items()}
    hinges = np.maximum(design.scaled - design.knots[:, None], 0.0) * np.ptp(design.x)
    visible = np.abs(np.sum(design.knot_directions * hinges / design.error, axis=1))
    error, hinge = design.error * np.sqrt(comparison.inflation), hinges[visible.argmax()]
    bend = np.sqrt(2 * (freedom["kink"] - 2) * comparison.inflation) / visible.max()
    for _ in range(_MOST_ROUNDS):
        gains = gains_over_line(design.fits(noise * error + bend * hinge), design, broken, freedom, 1.0)
        if np.mean(gains >= comparison.threshold) >= _NEARLY_ALWAYS:
            break
        bend *= _FINER
    return float(bend)
